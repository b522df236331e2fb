/** Stops services in reverse order: each one after all its dependents have ended. */
import type { Failure } from '../../model/failure.ts';
import { KILL_MS } from '../../model/graces.ts';
import type { State } from '../../model/lifecycle-states.ts';
import { dependentsOf } from '../../model/plan.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { countsAsReady, hasProcess } from '../../model/service-state.ts';
import { EMPTY_REPLY, type Order, type Reply } from '../../model/session.ts';
import { unknownName } from '../../model/unknown-service.ts';
import type { Actor } from '../service/actor.ts';
import type { Core, StopOutcome } from './core.ts';
import { debuggedIn } from './debuggers.ts';

type StopOrder = Extract<Order, { type: 'stop' }>;

export async function stopServices(core: Core, order: StopOrder, how: 'ordered' | 'kill' = 'ordered'): Promise<Result<Reply, Failure>> {
  const chosen = choose(core, order);
  if (!chosen.ok) return chosen;
  const { actors, dependents } = chosen.value;
  const { failure, ...stopped } = await stopActors(core, actors, how);
  const isEmpty = ![...core.actors.values()].some(({ active }) => active);
  const ended = order.services !== null && !core.ending && isEmpty;
  const reply: Reply = { ...EMPTY_REPLY, ...stopped, dependents, ended: ended || order.services === null };
  if (failure) return fail(failure);
  // `stop` without names, and the stop of the last service, end the session.
  if (reply.ended && !core.ending) void core.shutdown(how, { why: 'order' });
  const cleared = reply.ended ? await core.cleared() : null;
  return cleared?.failure ? fail(cleared.failure) : ok(reply);
}

export interface Choice {
  readonly actors: readonly Actor[];
  /** Running services that depend on a stopped service, and are not stopped. */
  readonly dependents: readonly string[];
}

/** The services that an order names, with their running dependents if it says so. Failures: E002. */
export function choose(core: Core, order: Pick<StopOrder, 'services' | 'withDependents'>): Result<Choice, Failure> {
  const all = [...core.actors.values()];
  if (order.services === null) return ok({ actors: all, dependents: [] });
  const unknown = unknownName(
    order.services,
    all.map(({ service }) => service.name),
  );
  if (unknown) return fail(unknown);
  const running = dependentsOf(order.services, core.dependencies).filter((name) => {
    const actor = core.actors.get(name);
    return actor?.active === true;
  });
  const names = new Set([...order.services, ...(order.withDependents ? running : [])]);
  return ok({ actors: all.filter((actor) => names.has(actor.service.name)), dependents: order.withDependents ? [] : running });
}

/** The wait for an actor whose work hit a bug ends this long after its stop timeout: SIGKILL has had its time. */
const BROKEN_MS = KILL_MS + 1000;

export async function stopActors(core: Core, actors: readonly Actor[], how: 'ordered' | 'kill'): Promise<StopOutcome> {
  const names = new Set(actors.map((actor) => actor.service.name));
  const stopped: string[] = [];
  const released: string[] = [];
  const endings = new Map<string, Promise<Failure | null>>();
  const failures = await Promise.all(actors.map((actor) => endOf(actor)));
  return { stopped, released, debugged: debuggedIn(actors), failure: failures.find((failure) => failure !== null) ?? null };

  function endOf(actor: Actor): Promise<Failure | null> {
    const { name } = actor.service;
    const known = endings.get(name);
    if (known) return known;
    // Left alone: the stop only decides what it returns to.
    if (actor.state.name === 'debugging') {
      actor.send({ name: 'stop', how });
      return Promise.resolve(null);
    }
    const list = actor.state.name === 'external' ? released : actor.active ? stopped : [];
    const ending = (async () => {
      const dependents = how === 'kill' ? [] : dependentsOf([name], core.dependencies).filter((other) => names.has(other));
      // A service that waits for a start must not start while its dependencies end. A completed task stays completed until its dependents
      // have ended.
      if (!hasProcess(actor.state) && !countsAsReady(actor.publicState)) actor.send({ name: 'stop', how });
      await Promise.all(dependents.map((other) => endOf(core.actors.get(other) as Actor)));
      actor.send({ name: 'stop', how });
      const end = await untilEnded(actor);
      list.push(name);
      return end.name === 'failed' && tellsOfSurvivors(end.why) ? end.why : null;
    })();
    endings.set(name, ending);
    return ending;
  }
}

/** A process that outlived its service, or a container that its engine may still run. */
function tellsOfSurvivors(why: Failure): boolean {
  return why.code === 'E110' || (why.code === 'E113' && why.ofEngine === true);
}

/** Returns the state in which the service ended. It may move on at once: the end of the session stops the service again. */
async function untilEnded(actor: Actor): Promise<State> {
  const over = new AbortController();
  const { clock } = actor.context.machine;
  const limitMs = actor.service.stop.timeoutMs + BROKEN_MS;
  let stopping = false;
  let end: State | null = null;
  // A start may follow the stop at once. The stop does not wait for the run that the start begins.
  const hasEnded = () => {
    stopping ||= actor.state.name === 'stopping';
    const ended = !actor.active || (stopping && actor.state.name !== 'stopping');
    if (ended) end ??= actor.state;
    return ended;
  };
  const ended = actor.until(hasEnded).then(() => over.abort());
  // The actor may also hit the bug during the stop.
  const givenUp = (async () => {
    await actor.until(() => actor.broken || hasEnded());
    await clock.sleep(limitMs, over.signal);
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  await Promise.race([ended, givenUp]);
  return end ?? actor.state;
}
