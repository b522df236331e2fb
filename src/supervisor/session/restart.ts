/** Restarts services: stops them, then starts them with the current config. Dependents keep running unless `withDependents` is set. */
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { type Order, type Reply, startOrder } from '../../model/session.ts';
import type { Core } from './core.ts';
import { staleness } from './staleness.ts';
import { startServices } from './start.ts';
import { choose, stopActors } from './stop.ts';

type RestartOrder = Extract<Order, { type: 'restart' }>;

export async function restartServices(core: Core, order: RestartOrder): Promise<Result<Reply, Failure>> {
  const loaded = await core.reload();
  if (!loaded.ok) return loaded;
  const chosen = choose(core, order);
  if (!chosen.ok) return chosen;
  const { actors, dependents } = chosen.value;
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
  if (!started.ok) return started;
  return ok({ ...started.value, ...stopped, dependents });
}
