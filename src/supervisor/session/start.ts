/**
 * Starts services: checks all ports of the plan, ends leftovers, starts the services in order, and waits until all are ready. If a service
 * fails, the services that this order started are stopped again, unless the order says `keepGoing`.
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
import { adoptDebuggers, debuggedIn, leftToDebuggers, waitsForDebugger } from './debuggers.ts';
import { blockedBy } from './dependencies.ts';
import { unknownIn } from './names.ts';
import { staleness } from './staleness.ts';
import { stopActors } from './stop.ts';

export async function startServices(core: Core, order: StartOrder): Promise<Result<Reply, Failure>> {
  const over = new AbortController();
  const timer = abortAfter(core, order.timeoutMs, over);
  try {
    return await startWithin(over, core, order);
  } finally {
    over.abort();
    await timer;
  }
}

/** `over` is aborted when the time limit of the whole order has passed. */
async function startWithin(over: AbortController, core: Core, order: StartOrder): Promise<Result<Reply, Failure>> {
  if (core.closing) return sessionEnding(core);
  if (core.started) {
    const loaded = await core.reload();
    if (!loaded.ok) return loaded;
  }
  await adoptDebuggers(core);
  const planned = planOrder(core.file.services, order);
  if (!planned.ok) return planned;
  const plan = planned.value;
  if (plan.services.length === 0) return ok({ ...EMPTY_REPLY, ...staleness(core) });
  const actors = plan.services.map(({ service }) => actorOf(core, service));
  const missing = actors.filter(
    (actor) => needsStart(actor) || (order.noDeps && waitsForDebugger(core, actor) && actor.state.name === 'waiting'),
  );
  core.claims.applySettings(order);
  // The guard and the FIFOs are made while the ports are checked and leftovers are searched. No service is started or ended yet.
  const prepared = Promise.all([core.context.guard.start(), core.context.fifos.fill(missing.length)]);
  const surveyed = Promise.all([core.claims.survey(missing.map((actor) => actor.service)), core.leftovers.find(), prepared]);
  const [refused] = await Promise.race([surveyed, aborted(over.signal)]);
  if (over.signal.aborted) return startTimedOut(order, missing);
  if (refused) return fail(refused);
  if (core.closing) return sessionEnding(core);
  core.started = true;
  await core.leftovers.reclaim();
  const reply = await replyOf(core, order, plan, missing);
  if (over.signal.aborted) return startTimedOut(order, missing);
  // Nothing is awaited from here to the first `start`: otherwise the session could end in between, and the service would outlive it.
  if (core.closing) return sessionEnding(core);
  for (const { service, dependencies } of plan.services) {
    if (!missing.includes(actorOf(core, service))) continue;
    if (order.noDeps) core.startedWithoutDependencies.set(service.name, dependencies);
    else core.startedWithoutDependencies.delete(service.name);
  }
  for (const actor of actors) {
    if (!missing.includes(actor) && actor.state.name !== 'debugging') continue;
    // One that waits for a debugger does not do so any more with `noDeps`.
    if (actor.state.name === 'waiting') actor.send({ name: 'stop', how: 'ordered' });
    actor.send({ name: 'start' });
  }
  const settled = await awaitOutcome(core, { over, plan, order, missing });
  if (settled.kind === 'ready') return ok({ ...reply, path: pathOf(core, missing) });
  if (settled.kind === 'failed' && !order.keepGoing) await stopActors(core, missing.filter(isToStop), 'ordered');
  return fail(settled.failure);
}

/** The plan of an order to start. Failures: E002 for an unknown name, E001 when there is nothing to start. */
export function planOrder(services: readonly Service[], order: PlanRequest): Result<Plan, Failure> {
  const unknown = unknownIn(order, services);
  if (unknown) return fail(unknown);
  const plan = buildPlan(services, order);
  const nothing = nothingToStart(plan, order, services);
  return nothing ? fail(nothing) : ok(plan);
}

/** E001 for a plan without services. */
function nothingToStart(plan: Plan, request: PlanRequest, services: readonly Service[]): Failure | null {
  if (plan.services.length > 0 || request.services !== null) return null;
  const [first] = services;
  const message = `nothing to start: ${first ? 'every service is optional' : 'the config declares no service'}`;
  return { code: 'E001', kind: 'usage', message, suggestion: first ? `devup start ${first.name}` : null, command: 'start' };
}

/** The slowest chain of dependencies among the services that this order started. */
function pathOf(core: Core, started: readonly Actor[]): readonly CriticalStep[] {
  const times = new Map<string, StartTimes>();
  for (const actor of started) {
    const dependencies = core.context.dependenciesOf(actor.service.name).map(({ service }) => service);
    if (actor.startTimes) times.set(actor.service.name, { ...actor.startTimes, dependencies });
  }
  return criticalPath(times);
}

function sessionEnding(core: Core): Result<never, Failure> {
  return fail({ code: 'E412', kind: 'session-ending', stack: core.file.name });
}

function actorOf(core: Core, service: Service): Actor {
  const actor = core.actors.get(service.name);
  if (!actor) throw new Error(`no actor for ${service.name}`);
  return actor;
}

/** True for a service that is down or is being stopped. An unhealthy service runs, so it is not started. */
function needsStart(actor: Actor): boolean {
  return isDown(actor.state.name) || (actor.state.name === 'stopping' && actor.state.next.to === 'stopped');
}

/** A service that has failed stays `failed`, so that `status` and `wait` still say why; only what its end has left is ended. */
function isToStop({ state }: Actor): boolean {
  return state.name !== 'failed' || state.survivors.length > 0;
}

async function replyOf(core: Core, order: StartOrder, plan: Plan, missing: readonly Actor[]): Promise<Reply> {
  const requested = new Set(requestedServices(core.file.services, order).map((service) => service.name));
  const started = missing.map((actor) => actor.service.name);
  const debugged = debuggedIn(plan.services.map(({ service }) => actorOf(core, service)));
  const down = new Set([...started, ...debugged.map(({ service }) => service)]);
  const already = plan.services.map(({ service }) => service.name).filter((name) => requested.has(name) && !down.has(name));
  return { ...EMPTY_REPLY, started, already, debugged, ...staleness(core) };
}

type StartOutcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** All services that this order started are ready, but a service that ran before is unhealthy, or somebody debugs one. */
  | { readonly kind: 'incomplete'; readonly failure: Failure };

/** An order whose services have been told to start. */
interface RunningStart {
  /** Aborted when the time limit of the whole order has passed. */
  readonly over: AbortController;
  readonly plan: Plan;
  readonly order: StartOrder;
  /** The services of the plan that this order starts. */
  readonly missing: readonly Actor[];
}

/** Resolves when all services of the plan are ready, or when it is certain that they will not be. */
async function awaitOutcome(core: Core, { over, plan, order, missing }: RunningStart): Promise<StartOutcome> {
  const actors = plan.services.map(({ service }) => actorOf(core, service));
  const began = new Set(missing);
  // A service that was ready once counts as ready, even if it has exited since: a worker may finish its work and exit with 0.
  const open = new Set(actors);
  let failure: Failure | null = null;
  // Every service of the plan adds a listener; Node would warn of more than ten.
  setMaxListeners(0, over.signal);
  /** Called after each change of `actor`, and checks that actor only. */
  const decided = (actor: Actor): boolean => {
    if (countsAsReady(actor.publicState)) open.delete(actor);
    if (actor.state.name === 'failed') failure ??= actor.problem;
    else if (actor.state.name === 'stopped' && open.has(actor)) failure ??= cancelledBy(actor);
    if (failure && !order.keepGoing) return true;
    for (const other of open)
      if (!isDown(other.state.name) && !isLeftUnhealthy(other) && !isLeftToDebugger(other) && !blockedBy(core, other)) return false;
    return true;
  };
  const isLeftToDebugger = (actor: Actor) =>
    actor.state.name === 'debugging' || (actor.state.name === 'waiting' && waitsForDebugger(core, actor));
  const isLeftUnhealthy = (actor: Actor) => actor.state.name === 'unhealthy' && !began.has(actor);
  await Promise.race(actors.map((actor) => actor.until(() => decided(actor), over.signal))).catch(ignoreAbort(over.signal));
  const timedOut = over.signal.aborted;
  over.abort();
  const left = actors.filter((actor) => open.has(actor));
  failure ??= left.map((actor) => blockedBy(core, actor)).find((blocked) => blocked !== null) ?? null;
  if (failure) return { kind: 'failed', failure };
  if (timedOut) return { kind: 'failed', failure: timeoutOf(order, left) };
  const problem = left.find(isLeftUnhealthy)?.problem;
  if (problem) return { kind: 'incomplete', failure: problem };
  if (left.length === 0) return { kind: 'ready' };
  return { kind: 'incomplete', failure: leftToDebuggers(core, left) };
}

function timeoutOf(order: StartOrder, open: readonly Actor[]): Failure {
  const problems = open.flatMap(({ problem }) => problem ?? []);
  const waitingFor = open.map(({ service }) => service.name);
  return { code: 'E114', kind: 'start-timeout', timeoutMs: order.timeoutMs ?? 0, waitingFor, problems };
}

/** E114 for an order that timed out before it started anything. */
function startTimedOut(order: StartOrder, missing: readonly Actor[]): Result<never, Failure> {
  return fail(timeoutOf(order, missing));
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

/** Aborts `over` after `timeoutMs`. Resolves when `over` is aborted, by this or otherwise. */
async function abortAfter(core: Core, timeoutMs: number | null, over: AbortController): Promise<void> {
  if (timeoutMs === null) return;
  await core.context.machine.clock.sleep(timeoutMs, over.signal).then(() => over.abort(), ignoreAbort(over.signal));
}

function ignoreAbort(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted || error !== signal.reason) throw error;
  };
}
