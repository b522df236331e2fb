/** Determines which processes belong to which service: one scan serves the memberships of all services. */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import { MARKER_VARIABLE } from '../model/stack-id.ts';
import { childrenOf, withDescendants } from './descendants.ts';
import type { Membership } from './membership.ts';
import { exactProgramKind, isAutomated } from './shared-programs.ts';

/** Every fourth poll is a full scan. */
const POLLS_PER_SCAN = 4;

/** Scans the process table for all services of a session; requests during a scan share the next one. */
export class MemberTracker {
  readonly #machine: Machine;
  readonly #tracked = new Set<Membership>();
  /** Processes whose environment has been read: pid → start. An environment that could not be read is read again by the next scan. */
  readonly #examined = new Map<number, number>();
  /** Marked processes that no membership has taken yet: a service's helper may be read before its service is tracked. */
  readonly #unclaimed = new Map<number, MarkedProcess>();
  readonly #browsers = new Map<number, { readonly start: number; readonly automated: boolean }>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  /** The next scan reads all processes, not only new ones. */
  #isNextFull = false;
  /** The next scan searches all environments. */
  #isNextThorough = false;
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

  /** The process is a member of a tracked service. */
  isMember(id: ProcessId): boolean {
    return [...this.#tracked].some((membership) => membership.has(id));
  }

  /**
   * Resolves after a scan that began after this call. The scan begins one turn of the event loop later, so that all calls
   * in a turn share it: the exits of a whole stack arrive in the same turn. A thorough scan reads each process together with its
   * marker, and takes it even if it has ended when the others have been read: so it notices a chain whose links live only for milliseconds.
   */
  scan({ isThorough = false }: { readonly isThorough?: boolean } = {}): Promise<void> {
    this.#isNextFull = true;
    if (isThorough) this.#isNextThorough = true;
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
        const scan = this.#scanNow(this.#isNextFull, this.#isNextThorough);
        this.#isNextFull = false;
        this.#isNextThorough = false;
        this.#running = scan;
        return scan;
      });
    return this.#next;
  }

  async #scanNow(isFull: boolean, isThorough: boolean): Promise<void> {
    // A membership that is tracked during the scan may be newer than the table, and takes its marked processes at the next one.
    const tracked = [...this.#tracked];
    if (!isFull) this.#forgetAllBut(this.#pids);
    const marked = isThorough ? await this.#searchMarked() : [];
    const rows = await this.#machine.processes(isFull ? undefined : new Set(this.#examined.keys()));
    if (isFull) this.#forgetAllBut([...rows, ...marked].map(({ pid }) => pid));
    await this.#readMarkers(rows);
    const members = isFull ? [] : await this.#readMembers(tracked, rows);
    if (members === null) return;
    const table = new Map([...marked, ...rows, ...members].map((row) => [row.pid, row]));
    const children = childrenOf([...table.values()]);
    const automated = await this.#readBrowsers(table, children, tracked);
    // A run that ended during the scan must not take what the next run of its service has started.
    const current = tracked.filter((membership) => this.#tracked.has(membership));
    for (const membership of current) membership.update(table, children, this.#claimed(membership.marker, table), automated);
  }

  #mayJoin(row: ProcessRow, memberships: readonly Membership[]): boolean {
    return this.#unclaimed.has(row.pid) || memberships.some((one) => one.hasPid(row.pid) || one.isTied(row));
  }

  /** The pids of browsers that programs drive, and of what runs below them. Each browser's arguments are read once. */
  async #readBrowsers(
    table: ReadonlyMap<number, ProcessRow>,
    children: ReadonlyMap<number, readonly ProcessRow[]>,
    tracked: readonly Membership[],
  ): Promise<ReadonlySet<number>> {
    const automated = new Set<number>();
    for (const row of table.values()) {
      if (exactProgramKind(row.name) !== 'browser' || !this.#mayJoin(row, tracked)) continue;
      let known = this.#browsers.get(row.pid);
      if (known?.start !== row.start) {
        const details = await this.#machine.details(row);
        known = { start: row.start, automated: details !== null && isAutomated(details.argv) };
        this.#browsers.set(row.pid, known);
      }
      if (known.automated) for (const one of withDescendants([row], children)) automated.add(one.pid);
    }
    return automated;
  }

  #forgetAllBut(pids: readonly number[]): void {
    const living = new Set(pids);
    for (const pid of this.#examined.keys()) if (!living.has(pid)) this.#examined.delete(pid);
    for (const pid of this.#unclaimed.keys()) if (!living.has(pid)) this.#unclaimed.delete(pid);
    for (const pid of this.#browsers.keys()) if (!living.has(pid)) this.#browsers.delete(pid);
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

  /** Null: all members are alive and no new process can be a member, so nothing needs to be read. */
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

  /** The new processes with a marker, which become unclaimed. */
  async #searchMarked(): Promise<readonly ProcessRow[]> {
    const rows: ProcessRow[] = [];
    for (const { value: marker, ...row } of (await this.#machine.processesWithVariable(MARKER_VARIABLE, '')).values()) {
      if (marker === null || this.#examined.get(row.pid) === row.start) continue;
      this.#examined.set(row.pid, row.start);
      this.#unclaimed.set(row.pid, { start: row.start, marker });
      rows.push(row);
    }
    return rows;
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
