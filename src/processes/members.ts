/**
 * Determines which processes belong to which service. The members of a service are its main process's group ∪ session ∪
 * descendants ∪ all processes with its marker. A member stays one until it ends, even if it loses all these marks: a
 * PostgreSQL backend has a session of its own and an overwritten environment, a daemon loses its parent. One scan serves
 * all services.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import { formatMarker, MARKER_VARIABLE, type RunMarker } from '../model/stack-id.ts';
import { isEngineHelper } from './container-proxy.ts';
import { childrenOf } from './descendants.ts';
import { mayBeClient } from './engine-client.ts';
import { isSpared } from './shared-programs.ts';

/** The living processes of one service. */
export class Membership {
  readonly marker: string;
  /** Shared programs, such as a browser or an editor, that only their marker ties to the service: never signalled. */
  readonly spared = new Map<number, ProcessRow>();
  readonly #members = new Map<number, ProcessRow>();
  /** The pids of all members, past ones included, which are the possible numbers of the service's groups and sessions. */
  readonly #leaders = new Set<number>();
  /** Members, past ones included, that may have asked a container engine to start containers: pid → row. */
  readonly clients = new Map<number, ProcessRow>();

  constructor(marker: RunMarker) {
    this.marker = formatMarker(marker);
  }

  get members(): readonly ProcessRow[] {
    return [...this.#members.values()];
  }

  has(id: ProcessId): boolean {
    return this.#members.get(id.pid)?.start === id.start;
  }

  hasPid(pid: number): boolean {
    return this.#members.has(pid);
  }

  /** True if the process may be a member, by its parent, group or session. */
  isTied(row: ProcessRow): boolean {
    return this.#members.has(row.ppid) || this.spared.has(row.ppid) || this.#leaders.has(row.pgid) || this.#leaders.has(row.sid);
  }

  add(row: ProcessRow): void {
    this.#set(row);
    this.#leaders.add(row.pid);
  }

  #set(row: ProcessRow): void {
    this.#members.set(row.pid, row);
    if (mayBeClient(row.name)) this.clients.set(row.pid, row);
  }

  /**
   * True for what an engine keeps for the containers of this service: it is ended through the engine only, and the processes
   * below it are the container's. Other programs have such names too (`pasta`), so only a service with a client has helpers.
   */
  #isOfEngine({ name }: ProcessRow): boolean {
    return this.clients.size > 0 && isEngineHelper(name);
  }

  /** Removes members that have ended and adds new ones. `marked`: new processes with the service's marker. */
  update(
    table: ReadonlyMap<number, ProcessRow>,
    children: ReadonlyMap<number, readonly ProcessRow[]>,
    marked: readonly ProcessRow[],
  ): void {
    for (const pid of this.#members.keys()) {
      const row = table.get(pid);
      if (row && row.start === this.#members.get(pid)?.start && !this.#isOfEngine(row)) this.#set(row);
      else this.#members.delete(pid);
    }
    for (const row of marked) if (mayBeClient(row.name)) this.#joinByMarker(row);
    for (const row of marked) if (!this.#isOfEngine(row)) this.#joinByMarker(row);
    // The kernel reuses the number of a group or session only when it is empty, so it is the service's while a member is in it.
    const groups = new Set<number>();
    const sessions = new Set<number>();
    for (const row of this.#members.values()) {
      if (this.#leaders.has(row.pgid)) groups.add(row.pgid);
      if (this.#leaders.has(row.sid)) sessions.add(row.sid);
    }
    for (const row of table.values()) {
      if (!this.#members.has(row.pid) && !this.#isOfEngine(row) && (groups.has(row.pgid) || sessions.has(row.sid))) this.add(row);
    }
    const frontier = [...this.#members.keys()];
    for (let pid = frontier.pop(); pid !== undefined; pid = frontier.pop()) {
      for (const child of children.get(pid) ?? []) {
        if (this.#members.has(child.pid) || this.#isOfEngine(child)) continue;
        this.add(child);
        frontier.push(child.pid);
      }
    }
    for (const [pid, row] of this.spared) if (table.get(pid)?.start !== row.start) this.spared.delete(pid);
  }

  /** A child of a spared program is spared, too. */
  #joinByMarker(row: ProcessRow): void {
    if (!this.#members.has(row.ppid) && (isSpared(row.name) || this.spared.has(row.ppid))) this.spared.set(row.pid, row);
    else this.add(row);
  }
}

/** Every fourth poll is a full scan. */
const POLLS_PER_SCAN = 4;

/** Scans the process table for all services of a session; requests during a scan share the next one. */
export class MemberTracker {
  readonly #machine: Machine;
  readonly #tracked = new Set<Membership>();
  /** Processes whose environment has been read: pid → start. One that could not be read is read again by the next scan. */
  readonly #examined = new Map<number, number>();
  /** Marked processes that no membership has taken yet: a service's helper may be read before its service is tracked. */
  readonly #unclaimed = new Map<number, MarkedProcess>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  /** The next scan reads all processes, not only new ones. */
  #isNextFull = false;
  #polls = 0;
  /** All pids as of the last poll. */
  #pids: readonly number[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  track(membership: Membership): void {
    this.#tracked.add(membership);
  }

  untrack(membership: Membership): void {
    this.#tracked.delete(membership);
  }

  /**
   * Resolves after a scan that began after this call. The scan begins one turn of the event loop later, so that all calls
   * in a turn share it: the exits of a whole stack arrive in the same turn.
   */
  scan(): Promise<void> {
    this.#isNextFull = true;
    return this.#soon();
  }

  /**
   * Resolves with false if all pids are the same as at the last poll; nothing else is read then. Otherwise new processes
   * are read, and the members if a new process may be one or a member has ended. Every few polls all processes are read,
   * since a pid may have been reused.
   */
  async poll(): Promise<boolean> {
    const pids = this.#machine.pids();
    const before = this.#pids;
    this.#pids = pids ?? [];
    const isFull = ++this.#polls % POLLS_PER_SCAN === 0 || pids === null;
    if (!isFull && pids.length === before.length && pids.every((pid, index) => pid === before[index])) return false;
    if (isFull) this.#isNextFull = true;
    await this.#soon();
    return true;
  }

  #soon(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => this.#machine.clock.turn())
      .then(() => {
        this.#next = null;
        const scan = this.#scanNow(this.#isNextFull);
        this.#isNextFull = false;
        this.#running = scan;
        return scan;
      });
    return this.#next;
  }

  async #scanNow(isFull: boolean): Promise<void> {
    // A membership that is tracked during the scan may be newer than the table, and takes its marked processes at the next one.
    const tracked = [...this.#tracked];
    if (!isFull) this.#forgetAllBut(this.#pids);
    const rows = await this.#machine.processes(isFull ? undefined : new Set(this.#examined.keys()));
    if (isFull) this.#forgetAllBut(rows.map(({ pid }) => pid));
    await this.#readMarkers(rows);
    const members = isFull ? [] : await this.#readMembers(tracked, rows);
    if (members === null) return;
    const table = new Map([...rows, ...members].map((row) => [row.pid, row]));
    const children = childrenOf([...table.values()]);
    // A run that ended during the scan must not take what the next run of its service has started.
    const current = tracked.filter((membership) => this.#tracked.has(membership));
    for (const membership of current) membership.update(table, children, this.#claimed(membership.marker, table));
  }

  #forgetAllBut(pids: readonly number[]): void {
    const living = new Set(pids);
    for (const pid of this.#examined.keys()) if (!living.has(pid)) this.#examined.delete(pid);
    for (const pid of this.#unclaimed.keys()) if (!living.has(pid)) this.#unclaimed.delete(pid);
  }

  /** The processes with this marker that no membership has taken yet; from now on they are taken. */
  #claimed(marker: string, table: ReadonlyMap<number, ProcessRow>): readonly ProcessRow[] {
    const rows: ProcessRow[] = [];
    for (const [pid, process] of this.#unclaimed) {
      const row = table.get(pid);
      if (process.marker !== marker || !row || row.start !== process.start) continue;
      this.#unclaimed.delete(pid);
      rows.push(row);
    }
    return rows;
  }

  /** Null: all members are alive and no new process can be one, so nothing needs to be read. */
  async #readMembers(tracked: readonly Membership[], newcomers: readonly ProcessRow[]): Promise<readonly ProcessRow[] | null> {
    const known = tracked.flatMap(({ members, spared }) => [...members.map(({ pid }) => pid), ...spared.keys()]);
    const markers = new Set(tracked.map(({ marker }) => marker));
    const unclaimed = [...this.#unclaimed].flatMap(([pid, { marker }]) => (markers.has(marker) ? [pid] : []));
    const living = new Set(this.#pids);
    const areStrangers = unclaimed.length === 0 && !newcomers.some((row) => tracked.some((membership) => membership.isTied(row)));
    if (areStrangers && known.every((pid) => living.has(pid))) return null;
    const others = new Set(this.#examined.keys());
    for (const pid of [...known, ...unclaimed]) others.delete(pid);
    return this.#machine.processes(others);
  }

  async #readMarkers(rows: readonly ProcessRow[]): Promise<void> {
    for (const { pid, start } of rows) {
      if (this.#examined.get(pid) === start) continue;
      const marker = await this.#machine.variable(pid, MARKER_VARIABLE);
      if (marker === undefined) continue;
      this.#examined.set(pid, start);
      if (marker === null) this.#unclaimed.delete(pid);
      else this.#unclaimed.set(pid, { start, marker });
    }
  }
}

interface MarkedProcess {
  readonly start: number;
  readonly marker: string;
}
