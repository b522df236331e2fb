/** Checks the holders of the config's ports and, on macOS, the holders of the AirPlay Receiver's ports. */
import type { Machine } from '../../machine/machine.ts';
import type { DoctorCheck } from '../../model/doctor.ts';
import type { Snapshot } from '../../model/session.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { isAirPlay } from '../../processes/refuse.ts';
import type { AppContext } from '../context.ts';
import { snapshotFromOutside } from '../status.ts';
import type { Target } from '../target.ts';

/** Ports of the config that another process holds; only a note, since a start follows `onConflict`. */
export async function checkHolders(target: Target, snapshot: Snapshot | null, context: AppContext): Promise<DoctorCheck> {
  const seen = snapshot ?? (await readFromOutside(target, context));
  const strangers = (seen?.services ?? []).filter(
    ({ verdict }) => verdict === 'foreign' || verdict === 'other' || verdict === 'unidentified',
  );
  const taken = strangers.map(({ name, port, holders }) => ({ service: name, port, holders }));
  return { name: 'holders', health: taken.length === 0 ? 'ok' : 'note', taken };
}

async function readFromOutside(target: Target, context: AppContext): Promise<Snapshot | null> {
  const snapshot = await snapshotFromOutside(target, context);
  return snapshot.ok ? snapshot.value : null;
}

/** `ports`: those of the AirPlay Receiver, on systems that have one. */
export async function checkAirPlay(machine: Machine, ports: readonly number[]): Promise<DoctorCheck> {
  const states = await identifyPorts(machine, ports);
  const taken = ports.filter((port) => {
    const state = states.get(port);
    return state?.kind === 'held' && state.holders.some((holder) => isAirPlay(machine, holder));
  });
  return { name: 'AirPlay', health: taken.length === 0 ? 'ok' : 'note', ports: taken };
}
