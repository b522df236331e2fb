/** Daemons: finds the process that carries on when a main process has ended, and notices the end of a daemon. */
import type { LeftBehind } from '../../../model/daemon.ts';
import type { Failure } from '../../../model/failure.ts';
import type { Input } from '../../../model/lifecycle-states.ts';
import type { Holder, ProcessId } from '../../../model/port.ts';
import { isTask } from '../../../model/service.ts';
import type { Actor } from '../actor.ts';
import { failureOfExit } from '../context.ts';
import type { DaemonSearch } from './daemon-search.ts';

/** A stop waits this long for a daemon that is on its way to its port. */
const SETTLE_MS = 2000;

/**
 * The process that carries on after the main process has exited with 0, as a daemon. It holds the ports, or may yet open
 * them while the service is starting. One that no mark ties to the service is adopted if it is certain to be the service's.
 * For containers that a client left in the background (`docker run -d`), the forwarder of their port stands for them.
 */
export async function findSuccessor(actor: Actor, goesOn: () => boolean): Promise<ProcessId | null> {
  const { service, context, processes } = actor;
  const required = service.ports.filter((port) => port.required);
  if (required.length === 0) return null;
  const holdsPorts = async () => (await context.ports.ownership(required, processes.sockets)).every(({ kind }) => kind === 'ours');
  const forwarder = (await holdsPorts()) ? await processes.clientContainers?.forwarder() : null;
  const adopted = forwarder ? null : await adoptDaemon(actor, goesOn);
  if (adopted) return adopted;
  const [first] = membersLeft(actor);
  const mayOpenPorts = first !== undefined && actor.state.name === 'starting';
  if (!mayOpenPorts && !(await holdsPorts())) return null;
  return first ? { pid: first.pid, start: first.start } : (forwarder ?? null);
}

function membersLeft({ processes, main }: Actor) {
  return processes.membership.members.filter((member) => member.pid !== processes.child?.id.pid && member.pid !== main?.pid);
}

/** False if no process without a marker can be the service's daemon. */
function mayBeDaemon({ service, context }: Actor): boolean {
  return service.ports.length > 0 && !isTask(service) && service.listener.kind === 'tree' && context.machine.platform.hasProcessGroups;
}

/** Null: no daemon is certain to be the service's, or none needs to be searched for. */
async function adoptDaemon(actor: Actor, goesOn: () => boolean): Promise<ProcessId | null> {
  const { service, context } = actor;
  if (!mayBeDaemon(actor)) return null;
  const now = context.machine.clock.now();
  const deadlineMs = (actor.spawned?.clockMs ?? now) + (service.ready.timeoutMs ?? Number.POSITIVE_INFINITY);
  return actor.processes.searchDaemon()?.run(actor.state.name === 'starting' ? deadlineMs : now, goesOn) ?? null;
}

/**
 * True if a service that is being stopped may have left a daemon that nothing has searched for: its exit was not reported, or it
 * was starting.
 */
export function mayHaveLeftDaemon(actor: Actor): boolean {
  const { main, processes, startTimes } = actor;
  return mayBeDaemon(actor) && main?.kind === 'child' && !processes.search && (processes.childHasExited || startTimes === null);
}

/**
 * Waits a moment for a daemon that may yet open the port of a service that is being stopped, and adopts it then. Resolves
 * with what has opened none, and is left alone.
 */
export async function settleDaemon({ context, graceOver }: Actor, search: DaemonSearch | null): Promise<readonly Holder[]> {
  if (!search?.isOpen) return [];
  const adopted = await search.run(context.machine.clock.now() + SETTLE_MS, () => !graceOver.signal.aborted);
  return adopted ? [] : (await search.left('orphan')).flatMap((left) => ('holder' in left ? left.holder : []));
}

/** Processes that may be a daemon of the service after its process exited with 0 and left no successor. */
export async function leftBehind({ processes, service, state }: Actor): Promise<readonly LeftBehind[]> {
  if (service.ports.length === 0 || isTask(service)) return [];
  return (await processes.search?.left(state.name === 'starting' ? 'any' : 'orphan')) ?? [];
}

/** The exit to report. Null while the daemon is alive, and for a service that is not a daemon. */
export async function daemonExit(actor: Actor, signal: AbortSignal): Promise<Input | null> {
  const { main, context, processes, service } = actor;
  if (main?.kind !== 'daemon') return null;
  if ((await context.machine.process(main.pid))?.start === main.start) return null;
  await context.tracker.scan();
  const successor = (await adoptDaemon(actor, () => !signal.aborted)) ?? membersLeft(actor)[0] ?? null;
  const exit = { exitCode: null, signal: null };
  const why: Failure = failureOfExit(service, exit, actor.state.name === 'starting', processes.output);
  return { name: 'exited', ok: false, successor: successor && { pid: successor.pid, start: successor.start }, portTaken: false, why };
}
