/**
 * Checks that a container publishes a port. Two facts must agree: the engine says that the container runs and publishes
 * exactly this port, and the holder is the engine's forwarder or, if the container shares the machine's network, a process
 * inside the container.
 */
import type { Machine } from '../machine/machine.ts';
import type { Container, ContainerProblem } from '../model/container.ts';
import type { PortState } from '../model/port.ts';
import { forwards, runsInside } from '../processes/container-proxy.ts';

/** The reason why the container does not publish the port in this state; null if it does. */
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

/**
 * A user may read the command lines of root's processes, but not their sockets. The command line of a forwarder for exactly this
 * port is proof enough.
 */
async function hasHiddenForwarder(machine: Machine, container: Container, state: Extract<PortState, { kind: 'hidden' }>): Promise<boolean> {
  if (state.reason.kind !== 'other-user' || container.hostNetwork) return false;
  for (const row of await machine.processes()) {
    const details = await machine.details(row);
    if (details?.uid !== state.reason.uid) continue;
    if (forwards({ name: row.name, executable: details.executable, argv: details.argv }, state.port, container)) return true;
  }
  return false;
}
