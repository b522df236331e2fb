/**
 * Whose process is this? A service's members are its main process's group ∪ session ∪ descendants ∪ everything that
 * carries its run marker, and they are sticky: once seen, a member until gone (a PostgreSQL backend has a session of its
 * own and an overwritten environment; a daemon loses its parent). One look at the process table serves all services.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import { formatMarker, MARKER_VARIABLE, type RunMarker } from '../model/stack-id.ts';
import { childrenOf } from './descendants.ts';
import { isSpared } from './shared-programs.ts';

/** The living processes of one service. */
export class Membership {
  readonly marker: string;
  /** Processes that belong here by their marker alone, but are somebody's browser or editor: never signalled. */
  readonly leftAlive = new Map<number, ProcessRow>();
  readonly #members = new Map<number, ProcessRow>();
  /** Every pid that ever was a member: leaders of the groups and sessions that are ours. */
  readonly #leaders = new Set<number>();

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

  /** It may be one of ours, as far as numbers tell. */
  isTied(row: ProcessRow): boolean {
    return this.#members.has(row.ppid) || this.leftAlive.has(row.ppid) || this.#leaders.has(row.pgid) || this.#leaders.has(row.sid);
  }

  add(row: ProcessRow): void {
    this.#members.set(row.pid, row);
    this.#leaders.add(row.pid);
  }

  /** Forgets who is gone and takes in who has joined; `marked` says whether an unseen process carries our marker. */
  update(
    table: ReadonlyMap<number, ProcessRow>,
    children: ReadonlyMap<number, readonly ProcessRow[]>,
    marked: readonly ProcessRow[],
  ): void {
    for (const pid of this.#members.keys()) {
      const row = table.get(pid);
      if (row && row.start === this.#members.get(pid)?.start) this.#members.set(pid, row);
      else this.#members.delete(pid);
    }
    for (const row of marked) this.#joinByMarker(row);
    // A group or session can be taken over by strangers only after it was empty: it is ours while a member lives in it.
    const groups = new Set<number>();
    const sessions = new Set<number>();
    for (const row of this.#members.values()) {
      if (this.#leaders.has(row.pgid)) groups.add(row.pgid);
      if (this.#leaders.has(row.sid)) sessions.add(row.sid);
    }
    for (const row of table.values()) {
      if (!this.#members.has(row.pid) && (groups.has(row.pgid) || sessions.has(row.sid))) this.add(row);
    }
    const frontier = [...this.#members.keys()];
    for (let pid = frontier.pop(); pid !== undefined; pid = frontier.pop()) {
      for (const child of children.get(pid) ?? []) {
        if (this.#members.has(child.pid)) continue;
        this.add(child);
        frontier.push(child.pid);
      }
    }
    for (const [pid, row] of this.leftAlive) if (table.get(pid)?.start !== row.start) this.leftAlive.delete(pid);
  }

  /** What somebody's browser or editor starts in its turn is somebody's as well. */
  #joinByMarker(row: ProcessRow): void {
    if (!this.#members.has(row.ppid) && (isSpared(row.name) || this.leftAlive.has(row.ppid))) this.leftAlive.set(row.pid, row);
    else this.add(row);
  }
}

/** One of so many polls is a full scan. */
const POLLS_PER_SCAN = 4;

/** One look at the process table for all services of a session; looks asked for while one is under way share the next. */
export class MemberTracker {
  readonly #machine: Machine;
  readonly #tracked = new Set<Membership>();
  /** Processes whose environment was read already: pid → start. */
  readonly #seen = new Map<number, number>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  /** The next look leaves nobody out. */
  #everybody = false;
  #polls = 0;
  /** As of the last poll. */
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
   * Resolves after a look that began after this call. It begins a turn of the event loop later, so that a whole stack shares
   * it that asks at once, or whose processes have ended at once: each end is told by itself, in the same turn.
   */
  scan(): Promise<void> {
    this.#everybody = true;
    return this.#soon();
  }

  /**
   * A poll. Where the numbers of all processes are the same as at the last poll, nobody has come or gone, and nothing
   * more is read: false. Otherwise whoever is new is looked at, and the members if one of these may be theirs or one of them has gone;
   * of all others nothing is read but their numbers. Every few times everybody is looked at, since a number may have passed on.
   */
  async poll(): Promise<boolean> {
    const pids = this.#machine.pids();
    const before = this.#pids;
    this.#pids = pids ?? [];
    const everybody = ++this.#polls % POLLS_PER_SCAN === 0 || pids === null;
    if (!everybody && pids.length === before.length && pids.every((pid, index) => pid === before[index])) return false;
    if (everybody) this.#everybody = true;
    await this.#soon();
    return true;
  }

  #soon(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => this.#machine.clock.turn())
      .then(() => {
        this.#next = null;
        const look = this.#lookNow(this.#everybody);
        this.#everybody = false;
        this.#running = look;
        return look;
      });
    return this.#next;
  }

  async #lookNow(everybody: boolean): Promise<void> {
    // Whoever is tracked from now on may be younger than the table.
    const tracked = [...this.#tracked];
    if (!everybody) this.#forgetAllBut(this.#pids);
    const rows = await this.#machine.processes(everybody ? undefined : new Set(this.#seen.keys()));
    if (everybody) this.#forgetAllBut(rows.map(({ pid }) => pid));
    const marked = await this.#readMarkers(rows);
    const members = everybody ? [] : await this.#membersAgain(tracked, rows, marked);
    if (members === null) return;
    const table = new Map([...rows, ...members].map((row) => [row.pid, row]));
    const children = childrenOf([...table.values()]);
    for (const membership of tracked) membership.update(table, children, marked.get(membership.marker) ?? []);
  }

  #forgetAllBut(pids: readonly number[]): void {
    const there = new Set(pids);
    for (const pid of this.#seen.keys()) if (!there.has(pid)) this.#seen.delete(pid);
  }

  /** As they are now. Null when there is no need: all of them are still there, and none of the newcomers can be one. */
  async #membersAgain(
    tracked: readonly Membership[],
    newcomers: readonly ProcessRow[],
    marked: ReadonlyMap<string, unknown>,
  ): Promise<readonly ProcessRow[] | null> {
    const known = tracked.flatMap(({ members, leftAlive }) => [...members.map(({ pid }) => pid), ...leftAlive.keys()]);
    const there = new Set(this.#pids);
    const strangers = marked.size === 0 && !newcomers.some((row) => tracked.some((membership) => membership.isTied(row)));
    if (strangers && known.every((pid) => there.has(pid))) return null;
    const others = new Set(this.#seen.keys());
    for (const pid of known) others.delete(pid);
    return this.#machine.processes(others);
  }

  async #readMarkers(rows: readonly ProcessRow[]): Promise<ReadonlyMap<string, ProcessRow[]>> {
    const marked = new Map<string, ProcessRow[]>();
    for (const row of rows) {
      if (this.#seen.get(row.pid) === row.start) continue;
      this.#seen.set(row.pid, row.start);
      const value = await this.#machine.variable(row.pid, MARKER_VARIABLE);
      if (value === null) continue;
      const group = marked.get(value);
      if (group) group.push(row);
      else marked.set(value, [row]);
    }
    return marked;
  }
}
