/** A daemon is not our child: its death has no exit event, and is polled. */
import type { Failure } from '../../../model/failure.ts';
import type { Input } from '../../../model/lifecycle-states.ts';
import type { Actor } from '../actor.ts';
import { LAST_LINES } from '../context.ts';

/** Null while the daemon lives, and for a service that is none. */
export async function daemonExit(actor: Actor): Promise<Input | null> {
  const { main, context, processes, service } = actor;
  if (main?.kind !== 'daemon') return null;
  if ((await context.machine.process(main.pid))?.start === main.start) return null;
  await context.tracker.scan();
  const [successor] = processes.membership.members;
  const lastLines = processes.output.lastLines(LAST_LINES);
  const why: Failure = {
    code: 'E101',
    kind: 'service-exited',
    service: service.name,
    exitCode: null,
    signal: null,
    beforeReady: actor.state.name === 'starting',
    lastLines,
  };
  return { name: 'exited', ok: false, successor: successor ? { pid: successor.pid, start: successor.start } : null, portTaken: false, why };
}
