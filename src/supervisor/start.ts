/**
 * The start command: look at all ports of the plan, end what an earlier session left, start in order, and wait until
 * everything asked for is ready. All or nothing: when a service fails, what this command started is stopped again.
 */
import type { Failure } from '../model/failure.ts';
import { buildPlan, type Plan, requestedServices, resolveDependencies } from '../model/plan.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Service } from '../model/service.ts';
import { countsAsReady } from '../model/service-state.ts';
import { EMPTY_REPLY, type Reply, type StartCommand } from '../model/session.ts';
import type { Actor } from './actor.ts';
import type { Core } from './core.ts';
import { unknownName } from './names.ts';
import { staleness } from './staleness.ts';
import { stopActors } from './stop.ts';

export async function start(core: Core, command: StartCommand): Promise<Result<Reply, Failure>> {
  if (core.ending) return cancelled();
  if (core.started) {
    const loaded = await core.reload();
    if (!loaded.ok) return loaded;
  }
  const { services } = core.file;
  const unknown = unknownName([...(command.services ?? []), ...command.with], services);
  if (unknown) return fail(unknown);
  const plan = buildPlan(services, command);
  const missing = plan.services.map(({ service }) => actorOf(core, service)).filter((actor) => isMissing(actor));
  core.claims.use(command);
  const refused = await core.claims.survey(missing.map((actor) => actor.service));
  if (refused) return fail(refused);
  if (core.ending) return cancelled();
  core.started = true;
  await core.context.guard.start();
  await core.reclaimLeftovers();
  if (!core.ending) await core.context.fifos.fill(missing.length);
  const reply = await describe(core, command, plan, missing);
  // From here to the first `start` nothing is awaited: what began after the end would outlive it.
  if (core.ending) return cancelled();
  wire(core, plan, command.noDeps);
  for (const actor of missing) actor.send({ name: 'start' });
  const failure = await settle(core, plan, command);
  if (!failure) return ok(reply);
  if (!command.keepGoing) await stopActors(core, missing, 'ordered');
  return fail(failure);
}

function cancelled(): Result<never, Failure> {
  return fail({ code: 'E115', kind: 'start-cancelled', by: 'the end of its session' });
}

function actorOf(core: Core, service: Service): Actor {
  const actor = core.actors.get(service.name);
  if (!actor) throw new Error(`no actor for ${service.name}`);
  return actor;
}

/** What a start begins: stopped, failed and new services; an unhealthy one runs. */
function isMissing(actor: Actor): boolean {
  return (
    actor.state.name === 'stopped' ||
    actor.state.name === 'failed' ||
    (actor.state.name === 'stopping' && actor.state.next.to === 'stopped')
  );
}

/** With `--no-deps` the named services wait for nobody. */
function wire(core: Core, plan: Plan, noDeps: boolean): void {
  const resolved = new Map(resolveDependencies([...core.actors.values()].map((actor) => actor.service)));
  if (noDeps) for (const { service, dependencies } of plan.services) resolved.set(service.name, dependencies);
  core.dependencies = resolved;
}

async function describe(core: Core, command: StartCommand, plan: Plan, missing: readonly Actor[]): Promise<Reply> {
  const requested = new Set(requestedServices(core.file.services, command).map((service) => service.name));
  const started = missing.map((actor) => actor.service.name);
  const already = plan.services.map(({ service }) => service.name).filter((name) => requested.has(name) && !started.includes(name));
  return { ...EMPTY_REPLY, started, already, ...staleness(core) };
}

/** Null when all of the plan became ready; else the failure that ends the start. */
async function settle(core: Core, plan: Plan, command: StartCommand): Promise<Failure | null> {
  const actors = plan.services.map(({ service }) => actorOf(core, service));
  const reached = new Set<Actor>();
  const over = new AbortController();
  const { clock } = core.context.machine;
  let failure: Failure | null = null;
  let timedOut = false;
  const watchOne = async (actor: Actor) => {
    await actor.until(() => settled(actor), over.signal);
    if (countsAsReady(actor.publicState)) reached.add(actor);
    else {
      failure ??= actor.problem ?? { code: 'E115', kind: 'start-cancelled', by: `devup stop ${actor.service.name}` };
      if (!command.keepGoing) over.abort();
    }
  };
  const timer =
    command.timeoutMs === null
      ? null
      : clock.sleep(command.timeoutMs, over.signal).then(
          () => {
            timedOut = true;
            over.abort();
          },
          () => undefined,
        );
  const waits = actors.map((actor) => watchOne(actor).catch(ignoreAbort(over.signal)));
  if (command.keepGoing) void watchBlocked(actors, () => over.abort(), over.signal, core).catch(ignoreAbort(over.signal));
  await Promise.all(waits);
  over.abort();
  await timer;
  const waitingFor = actors.filter((actor) => !reached.has(actor)).map((actor) => actor.service.name);
  if (timedOut && !failure) return { code: 'E114', kind: 'start-timeout', timeoutMs: command.timeoutMs ?? 0, waitingFor };
  return failure;
}

/** Ready, or over. A worker that did its work and left with 0 was ready on the way. */
function settled(actor: Actor): boolean {
  return countsAsReady(actor.publicState) || actor.state.name === 'failed' || actor.state.name === 'stopped';
}

/** With `--keep-going` what waits for a failed service would wait for ever: the start is over when nothing else moves. */
async function watchBlocked(actors: readonly Actor[], done: () => void, signal: AbortSignal, core: Core): Promise<void> {
  const stuck = (actor: Actor): boolean =>
    actor.state.name === 'waiting' &&
    core.context.dependenciesOf(actor.service.name).some(({ service }) => {
      const dependency = core.actors.get(service);
      return dependency !== undefined && (dependency.state.name === 'failed' || dependency.state.name === 'stopped' || stuck(dependency));
    });
  const quiet = () => actors.every((actor) => settled(actor) || stuck(actor));
  await Promise.race(actors.map((actor) => actor.until(quiet, signal)));
  done();
}

function ignoreAbort(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted || error !== signal.reason) throw error;
  };
}
