/**
 * Is a port the published one of a container? Two must agree: the engine, that this container runs and publishes exactly
 * that port; and the machine, that whoever listens there is the engine's forwarder, or, in a container that shares the
 * machine's network, a process inside of it.
 */
import type { Machine } from '../machine/machine.ts';
import type { Container, ContainerProblem } from '../model/container.ts';
import type { PortState } from '../model/port.ts';
import { forwards, runsInside } from '../processes/container-proxy.ts';

/** Null: it is. `state` is what stands on the port now. */
export async function notPublished(machine: Machine, container: Container, state: PortState): Promise<ContainerProblem | null> {
  const { engine, hostNetwork, publishes, status, running } = container;
  if (!running) return { kind: 'not-running', engine, status };
  if (!hostNetwork && !publishes.includes(state.port)) return { kind: 'publishes-other', engine, ports: publishes };
  switch (state.kind) {
    case 'free':
      return { kind: 'nobody', engine, hostNetwork };
    case 'held': {
      const holders = state.holders.filter((holder) => !runsInside(holder, container) && !forwards(holder, state.port, container));
      return holders.length === 0 && state.holders.length > 0 ? null : { kind: 'stranger', engine, holders };
    }
    case 'hidden':
      return (await hasHiddenForwarder(machine, container, state)) ? null : { kind: 'unseen', engine };
    default:
      return state satisfies never;
  }
}

/** An ordinary user may not see what root's processes hold, but their command lines: a forwarder for this very port is proof enough. */
async function hasHiddenForwarder(machine: Machine, container: Container, state: Extract<PortState, { kind: 'hidden' }>): Promise<boolean> {
  if (state.reason.kind !== 'other-user' || container.hostNetwork) return false;
  for (const row of await machine.processes()) {
    const details = await machine.details(row);
    if (details?.uid !== state.reason.uid) continue;
    if (forwards({ name: row.name, executable: details.executable, argv: details.argv }, state.port, container)) return true;
  }
  return false;
}
