/** Notices the end of a daemon. It is not a child of devup, so there is no exit event, and it is polled. */
import type { Input } from '../../../model/lifecycle-states.ts';
import type { Actor } from '../actor.ts';
import { failureOfExit } from '../context.ts';

/** The exit to report. Null while the daemon is alive, and for a service that is not a daemon. */
export async function daemonExit(actor: Actor): Promise<Input | null> {
  const { main, context, processes, service } = actor;
  if (main?.kind !== 'daemon') return null;
  if ((await context.machine.process(main.pid))?.start === main.start) return null;
  await context.tracker.scan();
  const [successor] = processes.membership.members;
  const exit = { exitCode: null, signal: null };
  const why = failureOfExit(service.name, exit, actor.state.name === 'starting', processes.output);
  return { name: 'exited', ok: false, successor: successor ? { pid: successor.pid, start: successor.start } : null, portTaken: false, why };
}
