/** Who has the ports that `doctor` is asked about: those of the config, and on macOS those of the AirPlay Receiver. */

import { snapshotFromOutside } from '../../app/status.ts';
import type { Target } from '../../app/target.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Snapshot } from '../../model/session.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { isAirPlay } from '../../processes/refuse.ts';
import type { Check } from '../../render/doctor.ts';
import { nameHolders } from '../../render/words/holder.ts';
import type { Viewer } from '../../render/words/viewer.ts';
import type { Context } from '../context.ts';

/** Ports of the config that somebody else has: a start deals with them as `onConflict` says. */
export async function checkHolders(target: Target, snapshot: Snapshot | null, context: Context, viewer: Viewer): Promise<Check> {
  const seen = snapshot ?? (await outside(target, context));
  const strangers = (seen?.services ?? []).filter(
    ({ verdict }) => verdict === 'foreign' || verdict === 'other' || verdict === 'unidentified',
  );
  const details = strangers.map(({ name, port, holders: found }) => {
    const who = found.length === 0 ? 'a process that cannot be seen' : nameHolders(found, viewer);
    return `${port} of ${name} is held by ${who}`;
  });
  if (details.length === 0) return { name: 'holders', health: 'ok', text: 'no port of the config is held by others', fix: null };
  const text = `${details.length === 1 ? 'a port of the config is' : `${details.length} ports of the config are`} held by others`;
  return { name: 'holders', health: 'note', text, details, fix: 'devup start --dry-run shows what a start would do' };
}

async function outside(target: Target, context: Context): Promise<Snapshot | null> {
  const snapshot = await snapshotFromOutside(target, context);
  return snapshot.ok ? snapshot.value : null;
}

/** Asked where the system has an AirPlay Receiver; `ports` are its own. */
export async function airPlay(machine: Machine, ports: readonly number[]): Promise<Check> {
  const states = await identifyPorts(machine, ports);
  const taken = ports.filter((port) => {
    const state = states.get(port);
    return state?.kind === 'held' && state.holders.some((holder) => isAirPlay(machine, holder));
  });
  if (taken.length === 0) return { name: 'AirPlay', health: 'ok', text: 'its receiver does not listen', fix: null };
  const fix = 'turn it off in System Settings → General → AirDrop & Handoff, if a service of yours needs the port';
  return { name: 'AirPlay', health: 'note', text: `its receiver listens on ${taken.join(' and ')}`, fix };
}
