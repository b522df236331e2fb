/** Why a port causes trouble for any program, and what to do about it. */
import type { PortTrouble } from '../../model/port-trouble.ts';
import type { Refusal } from './refusal.ts';

export function troubleWords(trouble: PortTrouble): Refusal {
  switch (trouble.kind) {
    case 'excluded':
      return {
        why: `Windows has set ${formatRange(trouble.range)} aside, and no program can listen there`,
        fix: 'choose another port, or  net stop winnat  and  net start winnat  as administrator',
      };
    case 'ephemeral': {
      const range = formatRange(trouble.range);
      return {
        why: `the system takes outgoing ports from ${range}, and any connection may hold this port`,
        fix: `choose a port outside ${range}`,
      };
    }
    case 'privileged':
      return { why: 'below 1024 a port may need root', fix: 'choose a port above 1023' };
    case 'blocked':
      return { why: 'browsers refuse to open it', fix: 'choose another port' };
    case 'airplay':
      return {
        why: "macOS's AirPlay Receiver listens there",
        fix: 'turn it off in System Settings → General → AirDrop & Handoff, or choose another port',
      };
    case 'reachable':
      return {
        why: `it can be reached from the network (it listens on ${trouble.addresses.join(', ')}), but \`host\` in the config allows only this machine`,
        fix: 'make it listen on 127.0.0.1, or remove host from the config',
      };
    default:
      return trouble satisfies never;
  }
}

function formatRange([from, to]: readonly [number, number]): string {
  return from === to ? String(from) : `${from}-${to}`;
}
