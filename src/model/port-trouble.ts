/** Ports that cause trouble for any program, and what to do about each. */

import { isLoopback } from './address.ts';
import { isBlockedByBrowsers } from './allocation.ts';

/** Ports that the operating system itself uses or reserves. Ranges include both ends. */
export interface PortFacts {
  /** Used for outgoing connections; null if the system does not reveal it. */
  readonly ephemeral: readonly [number, number] | null;
  /** Windows: reserved for Hyper-V and others, and refused to programs. */
  readonly excluded: readonly (readonly [number, number])[];
  /** macOS: its AirPlay Receiver listens there. */
  readonly airPlayPorts: readonly number[];
}

export interface PortTrouble {
  readonly kind: 'excluded' | 'ephemeral' | 'privileged' | 'blocked' | 'airplay' | 'reachable';
  readonly why: string;
  readonly fix: string;
}

export function portTroubles(port: number, { ephemeral, excluded, airPlayPorts }: PortFacts): readonly PortTrouble[] {
  const found: PortTrouble[] = [];
  const setAside = excluded.find((range) => isIn(port, range));
  if (setAside)
    found.push({
      kind: 'excluded',
      why: `Windows has set ${formatRange(setAside)} aside, and no program can listen there`,
      fix: 'choose another port, or  net stop winnat  and  net start winnat  as administrator',
    });
  if (ephemeral && isIn(port, ephemeral))
    found.push({
      kind: 'ephemeral',
      why: `the system takes outgoing ports from ${formatRange(ephemeral)}, and any connection may hold it`,
      fix: `choose one outside ${formatRange(ephemeral)}`,
    });
  if (port < 1024) found.push({ kind: 'privileged', why: 'below 1024 a port may need root', fix: 'choose a port above 1023' });
  if (isBlockedByBrowsers(port)) found.push({ kind: 'blocked', why: 'browsers refuse to open it', fix: 'choose another port' });
  if (airPlayPorts.includes(port))
    found.push({
      kind: 'airplay',
      why: "macOS's AirPlay Receiver listens there",
      fix: 'turn it off in System Settings → General → AirDrop & Handoff, or choose another port',
    });
  return found;
}

/** A service that only this machine is to reach listens on these addresses; null when they are all its own. */
export function reachableTrouble(addresses: readonly string[]): PortTrouble | null {
  const open = addresses.filter((address) => !isLoopback(address));
  if (open.length === 0) return null;
  return {
    kind: 'reachable',
    why: `it can be reached from the network (it listens on ${open.join(', ')}), but its host in the config is only this machine`,
    fix: 'make it listen on 127.0.0.1, or remove host from the config',
  };
}

function isIn(port: number, [from, to]: readonly [number, number]): boolean {
  return from <= port && port <= to;
}

function formatRange([from, to]: readonly [number, number]): string {
  return from === to ? String(from) : `${from}-${to}`;
}
