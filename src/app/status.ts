/**
 * The status of a stack. Without a session, its config or the record of its last session is compared with the machine.
 * Sends no signals and binds no ports.
 */

import type { DebuggedService } from '../model/debugger.ts';
import type { Failure } from '../model/failure.ts';
import { sameProcess } from '../model/port.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { isExternal, mainPort, type Service, type Stack, serviceUrl } from '../model/service.ts';
import type { ServiceSnapshot, Snapshot } from '../model/session.ts';
import { unknownName } from '../model/unknown-service.ts';
import { identifyPorts } from '../ports/identify.ts';
import { judgePorts } from '../ports/judge.ts';
import { nameContainers } from '../ports/name-containers.ts';
import type { OwnerFacts } from '../ports/verdict.ts';
import { readDebugged } from '../processes/debug-record.ts';
import { readRecord, type SessionRecord } from '../processes/record.ts';
import type { AppContext } from './context.ts';
import { isPassing } from './session/retry.ts';
import { connectAnyTarget, liveSession, loadTarget, type Target, targetName } from './target.ts';

/** The snapshot of the session, or a snapshot from outside if no session runs. Failures: E301 … E305, E402, E403, E405. */
export async function stackStatus(target: Target, context: AppContext, first: 'whole' | 'brief'): Promise<Result<Snapshot, Failure>> {
  const session = await connectAnyTarget(target, context, { first });
  if (!session.ok) return isPassing(session.failure) ? snapshotFromOutside(target, context) : session;
  session.value.close();
  return ok(session.value.first);
}

/**
 * The snapshot without a session, or of one that does not answer (`ownSessionAlive`). Fails with E301 … E305 if neither the config nor a
 * record can be read.
 */
export async function snapshotFromOutside(
  target: Target,
  context: AppContext,
  { ownSessionAlive }: Pick<OwnerFacts, 'ownSessionAlive'> = { ownSessionAlive: false },
): Promise<Result<Snapshot, Failure>> {
  const read = await readPromises(target, context);
  if (!read.ok) return read;
  const { stack, promises, record } = read.value;
  const identified = await identifyPorts(
    context.machine,
    promises.flatMap(({ ports }) => Object.values(ports)),
  );
  const states = new Map((await nameContainers([...identified.values()])).map((state) => [state.port, state]));
  const judging = await judgeFromOutside(target, record, context, {
    isExternal: (name) => stack.ok && stack.value.services.some((service) => service.name === name && isExternal(service)),
    ownSessionAlive,
  });
  const services: ServiceSnapshot[] = [];
  for (const promise of promises) {
    const ports = Object.values(promise.ports).flatMap((port) => states.get(port) ?? []);
    const by = judging.debuggers.live.find(({ service }) => service === promise.name);
    const judged = await judgePorts(ports, promise.name, judging);
    services.push({ ...STOPPED, ...promise, ...judged, ...(by ? debuggedFields(by, context) : {}) });
  }
  return ok({
    stack: stack.ok ? stack.value.name : targetName(target),
    id: target.id,
    config: target.location?.file ?? record?.config ?? target.root,
    session: null,
    seq: 0,
    services,
    configProblem: stack.ok ? null : stack.failure,
  });
}

/** Context for verdicts in a process that runs no session: based on the record, and on which sessions are alive. */
export async function judgeFromOutside(
  target: Target,
  record: SessionRecord | null,
  context: AppContext,
  own: Pick<OwnerFacts, 'isExternal' | 'ownSessionAlive'>,
): Promise<OwnerFacts> {
  const debuggers = { live: await readDebugged(context.machine, target.folder), isOver: () => false };
  return { stackId: target.id, memberOf: () => null, record, liveSession: liveSession(context), debuggers, ...own };
}

function debuggedFields({ pid, sinceMs }: DebuggedService, { machine }: AppContext): Partial<ServiceSnapshot> {
  return { state: 'debugging', pid, startedAtMs: sinceMs, uptimeMs: Math.max(0, machine.clock.wallTime() - sinceMs) };
}

/** The session knows even those of its processes that have no marker. */
export function memberAccordingTo(own: Snapshot | null): OwnerFacts['memberOf'] {
  return (id, port) =>
    own?.services.find(({ holders }) => holders.some((one) => one.port === port && one.verdict === 'ours' && sameProcess(one, id)))?.name ??
    null;
}

/** Fields of a service that does not run. */
const STOPPED = {
  state: 'stopped',
  pid: null,
  startedAtMs: null,
  uptimeMs: null,
  restarts: 0,
  flapping: false,
  exitCode: null,
  cpuPercent: null,
  memoryBytes: null,
  stale: false,
  problem: null,
} as const;

type Promised = Pick<ServiceSnapshot, 'name' | 'port' | 'ports' | 'url' | 'links' | 'category' | 'optional'>;

interface Promises {
  readonly stack: Result<Stack, Failure>;
  readonly record: SessionRecord | null;
  readonly promises: readonly Promised[];
}

async function readPromises(target: Target, context: AppContext): Promise<Result<Promises, Failure>> {
  const [stack, record] = await Promise.all([loadTarget(target, context), readRecord(context.machine, target.folder)]);
  if (!stack.ok && !record) return stack;
  return ok({ stack, record, promises: stack.ok ? stack.value.services.map(promiseOf) : recorded(record) });
}

export interface DeclaredService extends Pick<ServiceSnapshot, 'name' | 'port' | 'ports' | 'category' | 'state' | 'url'> {
  /** Null if the service comes from a session, which does not send it. */
  readonly localOnly: boolean | null;
}

/** Names, ports and states from the session, else from the config, else from the record. Failures: E301 … E305. */
export async function declaredServices(target: Target, context: AppContext): Promise<Result<readonly DeclaredService[], Failure>> {
  const session = await connectAnyTarget(target, context);
  if (session.ok) {
    const snapshot = await session.value.snapshot();
    session.value.close();
    if (snapshot.ok) return ok(snapshot.value.services.map((service) => ({ ...service, localOnly: null })));
  }
  const read = await readPromises(target, context);
  if (!read.ok) return read;
  const { stack, promises } = read.value;
  const closed = stack.ok ? closedIn(stack.value) : new Set<string>();
  return ok(promises.map((promise) => ({ ...promise, state: STOPPED.state, localOnly: closed.has(promise.name) })));
}

/** Names of the services that only this machine may reach. */
export function closedIn({ services }: Stack): ReadonlySet<string> {
  return new Set(services.filter(({ localOnly }) => localOnly).map(({ name }) => name));
}

function promiseOf(service: Service): Promised {
  const { name, links, category, optional } = service;
  return { name, port: mainPort(service), ports: portsOf(service), url: serviceUrl(service), links, category, optional };
}

export function portsOf(service: Stack['services'][number]): Readonly<Record<string, number>> {
  return Object.fromEntries(service.ports.map(({ name, port }) => [name, port]));
}

/** A record lists ports without their names. */
function recorded(record: SessionRecord | null): readonly Promised[] {
  return (record?.services ?? []).map(({ name, ports }) => ({
    name,
    port: ports[0] ?? null,
    ports: Object.fromEntries(ports.map((port, i) => [i === 0 ? 'main' : `port${i + 1}`, port])),
    url: null,
    links: {},
    category: null,
    optional: false,
  }));
}

/** Keeps the named services of a snapshot, or all if none are named. Fails with E002 for an unknown name. */
export function namedServices(names: readonly string[], snapshot: Snapshot): Result<Snapshot, Failure> {
  const unknown = unknownName(
    names,
    snapshot.services.map(({ name }) => name),
  );
  if (unknown) return fail(unknown);
  return ok(names.length === 0 ? snapshot : { ...snapshot, services: snapshot.services.filter(({ name }) => names.includes(name)) });
}
