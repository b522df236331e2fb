/** The end of a session: its processes first, then its guard, its outputs and its record. */
import { endLeftovers } from '../../processes/end-leftovers.ts';
import { failpoint } from '../service/failpoint.ts';
import type { Core, StopOutcome } from './core.ts';
import type { Recorder } from './recorder.ts';
import { stopActors } from './stop.ts';

/**
 * Ends the services in order, then all other processes with the session's marker. The end of a service also searches by marker, but only
 * while the service runs, and only among processes that can be read then.
 */
export async function endAll(core: Core, how: 'ordered' | 'kill'): Promise<StopOutcome> {
  const actors = [...core.actors.values()];
  const { failure, ...stopped } = await stopActors(core, actors, how);
  // A service that somebody debugs goes on without the session.
  for (const actor of actors) if (actor.state.name === 'debugging') actor.send({ name: 'letGo' });
  const { machine, stack } = core.context;
  const source = { stackId: stack.id, liveSession: null, record: null, only: core.key };
  // Survivors of a service's end have had their grace.
  const signal = how === 'kill' || failure ? null : 'SIGTERM';
  const graceOver = AbortSignal.any(actors.map((actor) => actor.graceOver.signal));
  const swept = await endLeftovers(machine, source, { signal, graceOver });
  return { ...stopped, failure: failure ?? swept.failure };
}

/** `after`: a bug. The actors may then be wrong about which processes are alive, so the guard searches. */
export async function leave({ actors, context }: Core, recorder: Recorder, after: 'stop' | 'bug'): Promise<void> {
  await failpoint('before-guard-leaves', null);
  if (after === 'bug') await context.guard.sweep();
  else await context.guard.dismiss();
  await Promise.all([...actors.values()].map(({ processes }) => processes.started && processes.output.close()));
  await context.fifos.close();
  await failpoint('before-record-removal', null);
  await recorder.end();
  await failpoint('after-record-removal', null);
}
