/**
 * The start command: look at all ports of the plan, end what an earlier session left, start in order, and wait until
 * everything asked for is ready. All or nothing: when a service fails, what this command started is stopped again.
 */
import { setMaxListeners } from 'node:events';
import { type CriticalStep, criticalPath, type StartTimes } from '../../model/critical-path.ts';
import type { Failure } from '../../model/failure.ts';
import { buildPlan, type Plan, type PlanRequest, requestedServices } from '../../model/plan.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Service } from '../../model/service.ts';
import { countsAsReady, isDown } from '../../model/service-state.ts';
import { EMPTY_REPLY, type Reply, type StartOrder } from '../../model/session.ts';
import type { Actor } from '../service/actor.ts';
import type { Core } from './core.ts';
import { blockedBy } from './dependencies.ts';
import { unknownIn } from './names.ts';
import { staleness } from './staleness.ts';
import { stopActors } from './stop.ts';

export async function startServices(core: Core, command: StartOrder): Promise<Result<Reply, Failure>> {
  const over = new AbortController();
  const timer = timeout(core, command.timeoutMs, over);
  try {
    return await startWithin(over, core, command);
  } finally {
    over.abort();
    await timer;
  }
}

/** `over` is aborted when the time of the whole command is over. */
async function startWithin(over: AbortController, core: Core, command: StartOrder): Promise<Result<Reply, Failure>> {
  if (core.closing) return ending(core);
  if (core.started) {
    const loaded = await core.reload();
    if (!loaded.ok) return loaded;
  }
  const planned = planOrder(core.file.services, command);
  if (!planned.ok) return planned;
  const plan = planned.value;
  if (plan.services.length === 0) return ok({ ...EMPTY_REPLY, ...staleness(core) });
  const missing = plan.services.map(({ service }) => actorOf(core, service)).filter((actor) => isMissing(actor));
  core.claims.use(command);
  // What the spawns will want is made while the ports and the leftovers are looked at; none of it starts or ends anything.
  const made = Promise.all([core.context.guard.start(), core.context.fifos.fill(missing.length)]);
  const looked = Promise.all([core.claims.survey(missing.map((actor) => actor.service)), core.leftovers.find(), made]);
  const [refused] = await Promise.race([looked, aborted(over.signal)]);
  if (over.signal.aborted) return tooLate(command, missing);
  if (refused) return fail(refused);
  if (core.closing) return ending(core);
  core.started = true;
  await core.leftovers.reclaim();
  const reply = await describe(core, command, plan, missing);
  if (over.signal.aborted) return tooLate(command, missing);
  // From here to the first `start` nothing is awaited: what began after the end would outlive it.
  if (core.closing) return ending(core);
  for (const { service, dependencies } of plan.services) {
    if (!missing.includes(actorOf(core, service))) continue;
    if (command.noDeps) core.alone.set(service.name, dependencies);
    else core.alone.delete(service.name);
  }
  for (const actor of missing) {
    core.debugging.delete(actor.service.name);
    actor.send({ name: 'start' });
  }
  const settled = await settle(over, core, plan, command, missing);
  if (settled.kind === 'ready') return ok({ ...reply, path: pathOf(core, missing) });
  if (settled.kind === 'failed' && !command.keepGoing) await stopActors(core, missing, 'ordered');
  return fail(settled.failure);
}

/** The plan of an order to start. Failures: E002, E001 when there is nothing to start. */
export function planOrder(services: readonly Service[], order: PlanRequest): Result<Plan, Failure> {
  const unknown = unknownIn(order, services);
  if (unknown) return fail(unknown);
  const plan = buildPlan(services, order);
  const nothing = nothingToStart(plan, order, services);
  return nothing ? fail(nothing) : ok(plan);
}

/** E001: a start without any service is a mistake. */
function nothingToStart(plan: Plan, request: PlanRequest, services: readonly Service[]): Failure | null {
  if (plan.services.length > 0 || request.services !== null) return null;
  const [first] = services;
  const message = `nothing to start: ${first ? 'every service is optional' : 'the config declares no service'}`;
  return { code: 'E001', kind: 'usage', message, suggestion: first ? `devup start ${first.name}` : null, command: 'start' };
}

/** The slowest chain of what this command started. */
function pathOf(core: Core, started: readonly Actor[]): readonly CriticalStep[] {
  const times = new Map<string, StartTimes>();
  for (const actor of started) {
    const dependencies = core.context.dependenciesOf(actor.service.name).map(({ service }) => service);
    if (actor.startTimes) times.set(actor.service.name, { ...actor.startTimes, dependencies });
  }
  return criticalPath(times);
}

function ending(core: Core): Result<never, Failure> {
  return fail({ code: 'E412', kind: 'session-ending', stack: core.file.name });
}

function actorOf(core: Core, service: Service): Actor {
  const actor = core.actors.get(service.name);
  if (!actor) throw new Error(`no actor for ${service.name}`);
  return actor;
}

/** What a start begins: stopped, failed and new services; an unhealthy one runs. */
function isMissing(actor: Actor): boolean {
  return isDown(actor.state.name) || (actor.state.name === 'stopping' && actor.state.next.to === 'stopped');
}

async function describe(core: Core, command: StartOrder, plan: Plan, missing: readonly Actor[]): Promise<Reply> {
  const requested = new Set(requestedServices(core.file.services, command).map((service) => service.name));
  const started = missing.map((actor) => actor.service.name);
  const already = plan.services.map(({ service }) => service.name).filter((name) => requested.has(name) && !started.includes(name));
  return { ...EMPTY_REPLY, started, already, ...staleness(core) };
}

type Settled =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** All that this command started is ready; what ran before is not. */
  | { readonly kind: 'unhealthy'; readonly failure: Failure };

/** Resolves when all of the plan is ready, or when it is plain that it will not be. */
async function settle(over: AbortController, core: Core, plan: Plan, command: StartOrder, missing: readonly Actor[]): Promise<Settled> {
  const actors = plan.services.map(({ service }) => actorOf(core, service));
  const began = new Set(missing);
  // Once ready is enough: a worker that did its work and left with 0 was ready on the way.
  const open = new Set(actors);
  let failure: Failure | null = null;
  // Every service of the plan listens to it.
  setMaxListeners(0, over.signal);
  /** Looked at after a change of `actor`: only that one is new. */
  const decided = (actor: Actor): boolean => {
    if (countsAsReady(actor.publicState)) open.delete(actor);
    if (actor.state.name === 'failed') failure ??= actor.problem;
    else if (actor.state.name === 'stopped' && open.has(actor)) failure ??= cancelledBy(actor);
    if (failure && !command.keepGoing) return true;
    for (const other of open) if (!isDown(other.state.name) && !isLeftUnhealthy(other) && !blockedBy(core, other)) return false;
    return true;
  };
  const isLeftUnhealthy = (actor: Actor) => actor.state.name === 'unhealthy' && !began.has(actor);
  await Promise.race(actors.map((actor) => actor.until(() => decided(actor), over.signal))).catch(ignoreAbort(over.signal));
  const timedOut = over.signal.aborted;
  over.abort();
  const left = actors.filter((actor) => open.has(actor));
  failure ??= left.map((actor) => blockedBy(core, actor)).find((blocked) => blocked !== null) ?? null;
  if (failure) return { kind: 'failed', failure };
  if (timedOut) return { kind: 'failed', failure: timeoutOf(command, left) };
  const problem = left.find(isLeftUnhealthy)?.problem;
  return problem ? { kind: 'unhealthy', failure: problem } : { kind: 'ready' };
}

function timeoutOf(command: StartOrder, open: readonly Actor[]): Failure {
  return { code: 'E114', kind: 'start-timeout', timeoutMs: command.timeoutMs ?? 0, waitingFor: open.map(({ service }) => service.name) };
}

/** Nothing of it was started. */
function tooLate(command: StartOrder, missing: readonly Actor[]): Result<never, Failure> {
  return fail(timeoutOf(command, missing));
}

function aborted(signal: AbortSignal): Promise<readonly [null]> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve([null]);
    else signal.addEventListener('abort', () => resolve([null]), { once: true });
  });
}

function cancelledBy(actor: Actor): Failure {
  return { code: 'E115', kind: 'start-cancelled', by: `devup stop ${actor.service.name}` };
}

/** Aborts `over` when the time of the whole command is over. Resolves when `over` is aborted, whoever did it. */
async function timeout(core: Core, timeoutMs: number | null, over: AbortController): Promise<void> {
  if (timeoutMs === null) return;
  await core.context.machine.clock.sleep(timeoutMs, over.signal).then(() => over.abort(), ignoreAbort(over.signal));
}

function ignoreAbort(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted || error !== signal.reason) throw error;
  };
}
