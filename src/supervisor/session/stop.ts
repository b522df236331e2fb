/** Stopping: in reverse order, each service once everything that needs it is gone. */
import type { Failure } from '../../model/failure.ts';
import { hasProcess } from '../../model/lifecycle-states.ts';
import { dependentsOf } from '../../model/plan.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { countsAsReady } from '../../model/service-state.ts';
import { EMPTY_REPLY, type Order, type Reply } from '../../model/session.ts';
import { unknownName } from '../../model/unknown-service.ts';
import type { Actor } from '../service/actor.ts';
import type { Core } from './core.ts';

type StopOrder = Extract<Order, { type: 'stop' }>;

export async function stopServices(core: Core, command: StopOrder, how: 'ordered' | 'kill' = 'ordered'): Promise<Result<Reply, Failure>> {
  const chosen = choose(core, command);
  if (!chosen.ok) return chosen;
  const { actors, dependents } = chosen.value;
  // Decided before they are gone, so that a command that comes meanwhile knows that the session ends.
  for (const { service } of actors) {
    if (command.debug) core.debugging.add(service.name);
    else core.debugging.delete(service.name);
  }
  const { failure, ...gone } = await stopActors(core, actors, how);
  const ended =
    command.services !== null && !core.ending && core.debugging.size === 0 && ![...core.actors.values()].some(({ active }) => active);
  const reply: Reply = { ...EMPTY_REPLY, ...gone, dependents, ended: ended || command.services === null };
  if (failure) return fail(failure);
  // `stop` without names, and the stop of the last service, end the session.
  if (reply.ended && !core.ending) void core.shutdown(how, { why: 'order' });
  return ok(reply);
}

export interface Choice {
  readonly actors: readonly Actor[];
  /** Running services that need one of them and are left alone. */
  readonly dependents: readonly string[];
}

/** Which services a command means. */
export function choose(core: Core, command: StopOrder | Extract<Order, { type: 'restart' }>): Result<Choice, Failure> {
  const all = [...core.actors.values()];
  if (command.services === null) return ok({ actors: all, dependents: [] });
  const unknown = unknownName(
    command.services,
    all.map(({ service }) => service.name),
  );
  if (unknown) return fail(unknown);
  const needing = dependentsOf(command.services, core.dependencies).filter((name) => {
    const actor = core.actors.get(name);
    return actor?.active === true;
  });
  const names = new Set([...command.services, ...(command.withDependents ? needing : [])]);
  return ok({ actors: all.filter((actor) => names.has(actor.service.name)), dependents: command.withDependents ? [] : needing });
}

/** In the order in which they went. */
export type Gone = Pick<Reply, 'stopped' | 'released'>;

export interface Stopped extends Gone {
  /** Null when all of them are gone; else the first that could not be ended. */
  readonly failure: Failure | null;
}

/** An actor in which a bug of ours was found is not waited for longer than this beyond its own time to stop. */
const BROKEN_MS = 6000;

export async function stopActors(core: Core, actors: readonly Actor[], how: 'ordered' | 'kill'): Promise<Stopped> {
  const names = new Set(actors.map((actor) => actor.service.name));
  const stopped: string[] = [];
  const released: string[] = [];
  const endings = new Map<string, Promise<Failure | null>>();
  const failures = await Promise.all(actors.map((actor) => endOf(actor)));
  return { stopped, released, failure: failures.find((failure) => failure !== null) ?? null };

  function endOf(actor: Actor): Promise<Failure | null> {
    const { name } = actor.service;
    const known = endings.get(name);
    if (known) return known;
    const list = actor.state.name === 'external' ? released : actor.active ? stopped : [];
    const ending = (async () => {
      const needing = how === 'kill' ? [] : dependentsOf([name], core.dependencies).filter((other) => names.has(other));
      // What waits or backs off must not start again while its dependencies go; a task that is done is missed by nobody meanwhile.
      if (!hasProcess(actor.state) && !countsAsReady(actor.publicState)) actor.send({ name: 'stop', how });
      await Promise.all(needing.map((other) => endOf(core.actors.get(other) as Actor)));
      actor.send({ name: 'stop', how });
      await untilGone(actor);
      list.push(name);
      return actor.state.name === 'failed' && actor.state.why.code === 'E110' ? actor.state.why : null;
    })();
    endings.set(name, ending);
    return ending;
  }
}

async function untilGone(actor: Actor): Promise<void> {
  const over = new AbortController();
  const { clock } = actor.context.machine;
  const patience = actor.service.stop.timeoutMs + BROKEN_MS;
  let stopping = false;
  // A start that came meanwhile begins it anew: that run is not ours to wait for.
  const isGone = () => {
    stopping ||= actor.state.name === 'stopping';
    return !actor.active || (stopping && actor.state.name !== 'stopping');
  };
  const ended = actor.until(isGone).then(() => over.abort());
  // Broken may also be found out on the way.
  const givenUp = (async () => {
    await actor.until(() => actor.broken || isGone());
    await clock.sleep(patience, over.signal);
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  await Promise.race([ended, givenUp]);
}
