/**
 * Finds leftovers of earlier sessions: processes with the stack's marker that do not belong to the live session, their
 * descendants, and recorded processes that are tied to one of them or still hold a port of their service. A record alone,
 * which may be forged or stale, makes no process a leftover.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import { DEBUG_VARIABLE, parseDebugMarker } from '../model/debugger.ts';
import { type Holder, type ProcessId, sameProcess } from '../model/port.ts';
import { MARKER_VARIABLE, parseMarker } from '../model/stack-id.ts';
import { isEngineHelper } from './container-proxy.ts';
import type { DebugRecord } from './debug-record.ts';
import { childrenOf, withDescendants } from './descendants.ts';
import { describe } from './describe.ts';
import type { TargetSet } from './end.ts';
import type { SessionRecord } from './record.ts';
import { exactProgramKind, isAutomated, TREATMENT } from './shared-programs.ts';

export interface Leftover extends ProcessRow {
  readonly service: string;
}

export interface LeftoverSource {
  readonly stackId: string;
  /** The key of the live session, whose processes are no leftovers. */
  readonly liveSession: string | null;
  readonly record: SessionRecord | null;
  /** The key of the only session whose processes count; default: all but the live one. */
  readonly only?: string;
  /** The `devup debug` commands that were killed, and where their records are. Processes that they ran are leftovers, too. */
  readonly debug?: { readonly folder: string; readonly dead: readonly DebugRecord[] };
  /** Search only for leftovers of these commands. */
  readonly debuggedOnly?: boolean;
}

export const DEBUGGED_ONLY = { liveSession: null, debuggedOnly: true } as const;

export async function findLeftovers(machine: Machine, source: LeftoverSource): Promise<readonly Leftover[]> {
  const beginning = source.only === undefined ? `${source.stackId}:` : `${source.stackId}:${source.only}:`;
  const candidates = await (source.debuggedOnly ? new Map<never, never>() : machine.processesWithVariable(MARKER_VARIABLE, beginning));
  // The usual case: without a marked process, no process can be tied to one, so the process table need not be read.
  const dead = source.debug?.dead ?? [];
  if (candidates.size === 0 && dead.length === 0 && !sessionIsOver(source.record, source)) return [];
  const rows = await machine.processes();
  const children = childrenOf(rows.filter((row) => row.pid !== machine.pid));
  const spared = selfAndAncestors(machine.pid, rows);
  const isShared = sharedProgramsIn(machine, rows, children, sessionIsOver(source.record, source) ? source.record : null);
  const found = new Map<number, Leftover>();
  for (const { value, ...row } of candidates.values()) {
    const marker = parseMarker(value ?? (await machine.variable(row.pid, MARKER_VARIABLE)) ?? '');
    if (marker?.stackId !== source.stackId || marker.session === source.liveSession) continue;
    if (source.only !== undefined && marker.session !== source.only) continue;
    if (await isShared(row)) for (const one of withDescendants([row], children)) spared.add(one.pid);
    else found.set(row.pid, { ...row, service: marker.service });
  }
  if (sessionIsOver(source.record, source)) {
    await addHolders(machine, source.record, rows, found);
    await addTied(machine, source.record, rows, found);
  }
  if (dead.length > 0) await addDebugged(machine, source.stackId, dead, { rows, children, found, spared, isShared });
  for (const root of [...found.values()]) {
    for (const row of withDescendants([root], children)) {
      if (found.has(row.pid) || spared.has(row.pid)) continue;
      if (await isShared(row)) for (const one of withDescendants([row], children)) spared.add(one.pid);
      else found.set(row.pid, { ...row, service: root.service });
    }
  }
  for (const pid of spared) found.delete(pid);
  return [...found.values()];
}

/**
 * Adds the processes of a killed debugger: all processes with its marker, and the recorded process, which may have overwritten its
 * environment, if it holds a port of the service.
 */
async function addDebugged(
  machine: Machine,
  stackId: string,
  dead: readonly DebugRecord[],
  { rows, children, found, spared, isShared }: Search,
): Promise<void> {
  for (const { value, ...row } of (await machine.processesWithVariable(DEBUG_VARIABLE, `${stackId}:`)).values()) {
    const marker = parseDebugMarker(value ?? (await machine.variable(row.pid, DEBUG_VARIABLE)) ?? '');
    const by = dead.find((one) => marker?.stackId === stackId && sameProcess(marker.by, one));
    if (!by) continue;
    if (await isShared(row)) for (const one of withDescendants([row], children)) spared.add(one.pid);
    else found.set(row.pid, { ...row, service: by.service });
  }
  const recorded = dead.flatMap(({ service, command, ports }) => (command ? [{ name: service, main: command, members: [], ports }] : []));
  await addHolders(machine, { services: recorded }, rows, found);
}

interface Search {
  readonly rows: readonly ProcessRow[];
  readonly children: ReadonlyMap<number, readonly ProcessRow[]>;
  readonly found: Map<number, Leftover>;
  readonly spared: Set<number>;
  readonly isShared: ReturnType<typeof sharedProgramsIn>;
}

function sessionIsOver(record: SessionRecord | null, { liveSession }: LeftoverSource): record is SessionRecord {
  return record !== null && record.session !== liveSession;
}

/**
 * Tells the shared programs that a service merely opened. What the session has recorded was the service itself, and so is what
 * such a program starts of its own kind; nor is a browser that a program drives shared.
 */
function sharedProgramsIn(
  machine: Machine,
  rows: readonly ProcessRow[],
  children: ReadonlyMap<number, readonly ProcessRow[]>,
  record: SessionRecord | null,
): (row: ProcessRow) => Promise<boolean> {
  const recorded = new Map(
    (record?.services ?? []).flatMap(({ main, members }) => [main, ...members]).map(({ pid, start }) => [pid, start]),
  );
  const own = new Set<string>();
  for (const root of rows) {
    const kind = recorded.get(root.pid) === root.start ? exactProgramKind(root.name) : null;
    if (kind === null) continue;
    for (const row of withDescendants([root], children)) own.add(`${row.pid} ${kind}`);
  }
  return async (row) => {
    const kind = exactProgramKind(row.name);
    if (kind === null || TREATMENT[kind].spared === null || own.has(`${row.pid} ${kind}`)) return false;
    return kind !== 'browser' || !isAutomated((await machine.details(row))?.argv ?? []);
  };
}

/** This process and its ancestors, which may carry the marker: a terminal that a service opened passes it on to every command in it. */
function selfAndAncestors(own: number, rows: readonly ProcessRow[]): Set<number> {
  const parents = new Map(rows.map((row) => [row.pid, row.ppid]));
  const found = new Set<number>();
  for (let pid: number | undefined = own; pid !== undefined && !found.has(pid); pid = parents.get(pid)) found.add(pid);
  return found;
}

/**
 * Adds recorded processes whose environment no longer shows the marker, such as PostgreSQL workers. The start time must
 * agree, and the process must share a group or session with a proven leftover, so that a forged record adds no other
 * process.
 */
async function addTied(machine: Machine, record: SessionRecord, rows: readonly ProcessRow[], found: Map<number, Leftover>): Promise<void> {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const proven = [...found.values()];
  for (const service of record.services) {
    for (const id of [service.main, ...service.members]) {
      const row = byPid.get(id.pid);
      if (!row || isEngineHelper(row.name) || row.start !== id.start || found.has(row.pid)) continue;
      const isTied = proven.some((known) => sameNumber(known.pgid, row.pgid) || sameNumber(known.sid, row.sid));
      if (isTied && !(await isInContainer(machine, row))) found.set(row.pid, { ...row, service: service.name });
    }
  }
}

/** Adds recorded processes that have left their group and session too, but still hold a recorded port of their service. */
async function addHolders(
  machine: Machine,
  record: Pick<SessionRecord, 'services'>,
  rows: readonly ProcessRow[],
  found: Map<number, Leftover>,
): Promise<void> {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  for (const service of record.services) {
    const candidates = [service.main, ...service.members].filter(({ pid, start }) => {
      const row = byPid.get(pid);
      // A container's forwarder is no leftover: the engine ends it with the container.
      return row?.start === start && !isEngineHelper(row.name) && !found.has(pid);
    });
    if (candidates.length === 0 || service.ports.length === 0) continue;
    const pids = new Set(candidates.map(({ pid }) => pid));
    for (const pid of await listeners(machine, new Set(service.ports), pids)) {
      const row = byPid.get(pid);
      if (row && !(await isInContainer(machine, row))) found.set(pid, { ...row, service: service.name });
    }
  }
}

/**
 * With the machine's network (`--network host`), a container's own process holds the port, and stands for the service in the record. Only
 * the engine ends it.
 */
async function isInContainer(machine: Machine, { pid }: ProcessRow): Promise<boolean> {
  return ((await describe(machine, pid, []))?.container ?? null) !== null;
}

async function listeners(machine: Machine, ports: ReadonlySet<number>, among: ReadonlySet<number>): Promise<readonly number[]> {
  const sockets = (await machine.listenSockets(ports)).filter(({ port }) => ports.has(port));
  const named = sockets.flatMap(({ pids }) => pids ?? []).filter((pid) => among.has(pid));
  const unnamed = new Set(sockets.filter(({ pids }) => pids === null).map(({ handle }) => handle));
  return unnamed.size === 0 ? named : [...named, ...[...(await machine.holders(unnamed, among)).values()].flat()];
}

/** False for 0, which means that the system does not reveal the number. */
function sameNumber(a: number, b: number): boolean {
  return a === b && a > 0;
}

interface DescendedProcess extends ProcessId, Pick<Holder, 'published'> {
  readonly ancestors?: readonly ProcessId[];
}

/**
 * The recorded service that the process, or an ancestor of it, belonged to and whose port the process still holds. This
 * finds even processes that were started with `setsid env -i`, and workers that nginx started after the record was written.
 */
export function recordedHolder(record: SessionRecord | null, holder: DescendedProcess, port: number): string | null {
  const lineage = [holder, ...(holder.ancestors ?? [])];
  for (const service of record?.services ?? []) {
    if (!service.ports.includes(port)) continue;
    const container = holder.published?.id;
    if (container !== undefined && service.clients?.some(({ ids }) => ids.includes(container))) return service.name;
    if ([service.main, ...service.members].some((member) => lineage.some((one) => sameProcess(one, member)))) return service.name;
  }
  return null;
}

/** Leftovers as a target set, found anew at every scan. */
export class LeftoverTargets implements TargetSet {
  readonly group = null;
  #members: readonly Leftover[] = [];
  readonly #machine: Machine;
  readonly #source: LeftoverSource;
  readonly #services: readonly string[] | null;

  /** `services`: only the leftovers of these services; null: of all services. */
  constructor(machine: Machine, source: LeftoverSource, services: readonly string[] | null) {
    this.#machine = machine;
    this.#source = source;
    this.#services = services;
  }

  get members(): readonly Leftover[] {
    return this.#members;
  }

  async scan(): Promise<void> {
    const all = await findLeftovers(this.#machine, this.#source);
    const survivors = this.#members.filter((member) => all.every((row) => row.pid !== member.pid));
    const still = await Promise.all(
      survivors.map(async (member) => ((await this.#machine.process(member.pid))?.start === member.start ? member : null)),
    );
    this.#members = [
      ...all.filter((row) => this.#services === null || this.#services.includes(row.service)),
      ...still.filter((member): member is Leftover => member !== null),
    ];
  }
}
