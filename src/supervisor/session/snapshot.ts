/** The state of all services and the real holders of their ports: one scan of the processes and one of the ports. */
import { statSync } from 'node:fs';
import type { Failure } from '../../model/failure.ts';
import { dependentsOf } from '../../model/plan.ts';
import type { Holder, PortState, Verdict } from '../../model/port.ts';
import { ok, type Result } from '../../model/result.ts';
import { mainPort, serviceUrl } from '../../model/service.ts';
import { hasProcess } from '../../model/service-state.ts';
import type { ServiceSnapshot, Snapshot, SnapshotOptions } from '../../model/session.ts';
import { identifyPorts, type Known } from '../../ports/identify.ts';
import { judgePorts } from '../../ports/judge.ts';
import type { OwnerFacts } from '../../ports/verdict.ts';
import type { Actor } from '../service/actor.ts';
import type { Core } from './core.ts';
import { debuggersOf } from './debuggers.ts';
import { staleness } from './staleness.ts';

/** A snapshot waits no longer than this for a changed config to load. */
const RELOAD_PATIENCE_MS = 2000;

export async function takeSnapshot(core: Core, { brief = false }: SnapshotOptions = {}): Promise<Result<Snapshot, Failure>> {
  await reloadIfChanged(core);
  const { machine, tracker } = core.context;
  const seq = core.eventLog.lastSeq;
  const actors = [...core.actors.values()];
  if (actors.some((actor) => hasProcess(actor.state))) await tracker.scan();
  const members = new Map(actors.flatMap((actor) => membersOf(actor, core.file.id)));
  const ports = actors.flatMap((actor) => actor.service.ports.map(({ port }) => port));
  const identified = await identifyPorts(machine, ports, { first: members.keys(), ...(brief && { known: members }) });
  const states = await withContainers(core, identified);
  const judging: OwnerFacts = {
    stackId: core.file.id,
    memberOf: (id) => actors.find((actor) => actor.processes.has(id))?.service.name ?? null,
    isExternal: (name) => core.actors.get(name)?.state.name === 'external',
    record: null,
    liveSession: core.options.liveSession,
    ownSessionAlive: false,
    debuggers: debuggersOf(core),
  };
  const { changed, removed } = staleness(core);
  const neededBy = (name: string) => dependentsOf([name], core.dependencies).filter((other) => core.actors.get(other)?.active === true);
  const stale = new Set([...changed, ...removed]);
  const services = await Promise.all(
    actors.map(async (actor) => ({ ...(await snapshotOf(actor, states, judging, stale)), neededBy: neededBy(actor.service.name) })),
  );
  return ok({
    stack: core.file.name,
    id: core.file.id,
    config: core.file.configFile,
    session: { pid: machine.pid, startedAtMs: core.startedAtMs, version: core.options.version, key: core.key },
    seq,
    services,
    configProblem: core.fileProblem,
  });
}

/** Adds the containers behind the holders. The stack knows its own; engines are asked about the others. */
async function withContainers(core: Core, states: ReadonlyMap<number, PortState>): Promise<ReadonlyMap<number, PortState>> {
  const actors = [...core.actors.values()];
  const own = [...states.values()].map((state) =>
    state.kind === 'held' ? { ...state, holders: state.holders.map((holder) => ({ ...holder, ...ownContainer(holder, actors) })) } : state,
  );
  return new Map((await core.context.ports.named.name(own)).map((state) => [state.port, state]));
}

function ownContainer(holder: Holder, actors: readonly Actor[]): Partial<Holder> {
  const published = actors.map(({ processes }) => processes.containerHeldBy(holder)).find((names) => names !== null);
  return published ? { container: published.name, published } : {};
}

/** Members by pid, with the service that they belong to: a member may have overwritten its environment, and with it the marker. */
function membersOf({ service, processes }: Actor, stackId: string): readonly (readonly [number, Known])[] {
  const stack = { id: stackId, service: service.name };
  return processes.membership.members.map(({ pid, start }) => [pid, { pid, start, stack }]);
}

async function snapshotOf(
  actor: Actor,
  states: ReadonlyMap<number, PortState>,
  judging: OwnerFacts,
  stale: ReadonlySet<string>,
): Promise<ServiceSnapshot> {
  const { service, processes, main, spawned } = actor;
  const judged = await judgePorts(
    service.ports.flatMap(({ port }) => states.get(port) ?? []),
    service.name,
    judging,
  );
  // The forwarder of a container may belong to another user, so that it cannot be read; its sockets are proof enough.
  const proven = judged.verdict === 'unidentified' && main !== null && (await ownsAll(actor));
  const { members } = processes.membership;
  const by = actor.state.name === 'debugging' ? actor.state.by : null;
  return {
    name: service.name,
    state: actor.publicState,
    port: mainPort(service),
    ports: Object.fromEntries(service.ports.map((declared) => [declared.name, declared.port])),
    pid: actor.publicPid,
    startedAtMs: spawned?.atMs ?? by?.sinceMs ?? null,
    uptimeMs: actor.uptimeMs,
    restarts: actor.restarts,
    flapping: actor.flapping,
    exitCode: actor.exitCode,
    cpuPercent: main ? actor.cpuPercent() : null,
    memoryBytes: main ? members.reduce((sum, member) => sum + (member.residentBytes ?? 0), 0) : null,
    url: serviceUrl(service),
    links: service.links,
    category: service.category,
    optional: service.optional,
    stale: stale.has(service.name) && actor.state.name !== 'stopped',
    verdict: proven ? 'ours' : externalForAny(judged.verdict, actor),
    holders: judged.holders.map((holder) => ({ ...holder, verdict: externalForAny(holder.verdict, actor) })),
    problem: actor.problem,
  };
}

/** A running service with `listener: any` accepts every holder of its ports, so the verdict claims no ownership. */
function externalForAny(verdict: Verdict, { service, main }: Actor): Verdict {
  return service.listener.kind === 'any' && main && (verdict === 'ours' || verdict === 'foreign') ? 'external' : verdict;
}

async function ownsAll({ service, context, processes }: Actor): Promise<boolean> {
  const ownership = await context.ports.ownership(service.ports, processes.sockets);
  return ownership.every(({ kind }) => kind !== 'foreign') && ownership.some(({ kind }) => kind === 'ours');
}

/** Reads the config again only if its time or size, or that of a file that it reads, has changed since the last read. */
async function reloadIfChanged(core: Core): Promise<void> {
  const stamp = stampOf(core);
  const before = core.fileStamp;
  core.fileStamp = stamp;
  if (before === null || before === stamp || core.ending) return;
  const { clock } = core.context.machine;
  const enough = new AbortController();
  const reloaded = core.reload().then(() => {
    core.fileStamp = stampOf(core);
  });
  reloaded.catch(core.context.onBug);
  const timeLimit = clock.sleep(RELOAD_PATIENCE_MS, enough.signal).catch(() => undefined);
  await Promise.race([reloaded, timeLimit]);
  enough.abort();
}

export function stampOf(core: Core): string {
  const files = [core.file.configFile, ...core.configReads, ...core.file.services.flatMap((service) => service.envFiles)];
  return [...new Set(files)]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stat) => (stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : 'gone'))
    .join(' ');
}
