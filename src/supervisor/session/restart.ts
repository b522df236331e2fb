/** Restarts services: stops them, then starts them with the current config. Dependents keep running unless `withDependents` is set. */
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { type Order, type Reply, startOrder } from '../../model/session.ts';
import type { Core } from './core.ts';
import { adoptDebuggers, leftToDebuggers, waitsForDebugger } from './debuggers.ts';
import { staleness } from './staleness.ts';
import { startServices } from './start.ts';
import { choose, stopActors } from './stop.ts';

type RestartOrder = Extract<Order, { type: 'restart' }>;

export async function restartServices(core: Core, order: RestartOrder): Promise<Result<Reply, Failure>> {
  const loaded = await core.reload();
  if (!loaded.ok) return loaded;
  await adoptDebuggers(core);
  const chosen = choose(core, order);
  if (!chosen.ok) return chosen;
  const { dependents } = chosen.value;
  // A service that could not start again is not stopped.
  const meant = chosen.value.actors.filter((actor) => order.services !== null || actor.state.name !== 'stopped');
  const left = meant.filter((actor) => actor.state.name === 'debugging' || waitsForDebugger(core, actor));
  const actors = chosen.value.actors.filter((actor) => !left.includes(actor));
  const busy = left.length > 0 ? fail(leftToDebuggers(core, left)) : null;
  if (busy && meant.length === left.length) return busy;
  const running = actors.filter((actor) => actor.state.name !== 'stopped');
  const { removed } = staleness(core);
  const names = (order.services === null ? running : actors).map((actor) => actor.service.name).filter((name) => !removed.includes(name));
  const next = core.file.services.filter((service) => names.includes(service.name));
  const refused = await core.claims.survey(next);
  if (refused) return fail(refused);
  const { failure, ...stopped } = await stopActors(core, actors, 'ordered');
  if (failure) return fail(failure);
  core.applyConfig(core.file);
  const started = await startServices(core, startOrder({ services: names, keepGoing: true }));
  if (!started.ok && started.failure.code !== 'E118') return started;
  if (busy) return busy;
  if (!started.ok) return started;
  return ok({ ...started.value, ...stopped, dependents });
}
