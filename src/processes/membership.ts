/**
 * The members of a service: its main process's group ∪ session ∪ descendants ∪ all processes with its marker. A member stays
 * one until it ends, even if it loses all these marks: a PostgreSQL backend has a session of its own and an overwritten
 * environment, a daemon loses its parent. Programs that people share or work in are spared, although they have such marks:
 * a service that opens a browser is not that browser.
 */
import type { ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import { formatMarker, type RunMarker } from '../model/stack-id.ts';
import { isEngineHelper } from './container-proxy.ts';
import { withDescendants } from './descendants.ts';
import { mayBeClient } from './engine-client.ts';
import { Leaders } from './leaders.ts';
import { exactProgramKind, type ProgramKind, TREATMENT } from './shared-programs.ts';

export interface MembershipOptions {
  /** Kinds of shared programs that the service's command runs. */
  readonly declared?: Iterable<ProgramKind>;
  /** Called for a member that belongs to the service although it is a shared program. */
  readonly onOwn?: (id: ProcessId) => void;
}

/** The living processes of one service. */
export class Membership {
  readonly marker: string;
  /**
   * Shared programs, such as a browser or an editor, that the service merely opened, and all processes below them. They are never
   * signalled.
   */
  readonly spared = new Map<number, ProcessRow>();
  readonly #members = new Map<number, ProcessRow>();
  /** All members, past ones included: each may have led one of the service's groups and sessions. */
  readonly #leaders = new Leaders();
  /** Members that may ask a container engine to start containers: pid → row. */
  readonly clients = new Map<number, ProcessRow>();
  #hadClients = false;
  /** Members that belong to the service whatever they are called: its main process, and holders of its ports. */
  readonly #own = new Map<number, number>();
  readonly #declared: Set<ProgramKind>;
  readonly #onOwn: (id: ProcessId) => void;
  readonly #told = new Set<number>();
  /** The pids of browsers that programs drive. */
  #automated: ReadonlySet<number> = new Set();

  constructor(marker: RunMarker, { declared = [], onOwn = () => undefined }: MembershipOptions = {}) {
    this.marker = formatMarker(marker);
    this.#declared = new Set(declared);
    this.#onOwn = onOwn;
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
    return this.#members.has(row.ppid) || this.spared.has(row.ppid) || this.#leaders.hasPid(row.pgid) || this.#leaders.hasPid(row.sid);
  }

  /** True if a signal to the group would reach a process that is spared. */
  sparesIn(group: number): boolean {
    for (const { pgid } of this.spared.values()) if (pgid === group) return true;
    return false;
  }

  /** True for the number of a group or session that a member leads or has led. `living`: the process that has this pid now. */
  hasLed(id: number, living: ProcessId | undefined): boolean {
    return this.#leaders.hasLed(id, living);
  }

  /** Adds a process that comes from a member, although no scan has seen that: its group and session are the service's, too. */
  adopt(row: ProcessRow): void {
    this.add(row);
    for (const id of [row.pgid, row.sid]) if (id > 1) this.#leaders.addEnded(id);
  }

  /** Adds the main process, or a holder of the service's ports: such a process belongs to the service even if it is a shared program. */
  add(row: ProcessRow): void {
    this.#own.set(row.pid, row.start);
    this.spared.delete(row.pid);
    this.#join(row);
  }

  /**
   * Removes members that have ended and adds new ones. `marked`: new processes with the service's marker; `automated`: browsers
   * that programs drive.
   */
  update(
    table: ReadonlyMap<number, ProcessRow>,
    children: ReadonlyMap<number, readonly ProcessRow[]>,
    marked: readonly ProcessRow[],
    automated: ReadonlySet<number> = new Set(),
  ): void {
    this.#automated = automated;
    for (const processes of [this.#members, this.spared]) {
      for (const [pid, { start }] of processes) {
        const row = table.get(pid);
        if (row?.start !== start || this.#isOfEngine(row)) processes.delete(pid);
        else if (processes === this.spared) this.spared.set(pid, row);
        else this.#set(row);
      }
    }
    for (const [pid, { start }] of this.clients) if (table.get(pid)?.start !== start) this.clients.delete(pid);
    for (const [pid, start] of this.#own) {
      const row = this.#members.get(pid);
      if (row?.start !== start) this.#own.delete(pid);
      else this.#declare(row);
    }
    // A wrapper becomes the program that it runs (`exec firefox`), so members are judged by their present names.
    for (const row of this.#members.values()) if (this.#isShared(row, 'tied')) this.#spare(row, children);
    for (const row of this.spared.values()) {
      if (this.#members.has(row.ppid) && !this.#isShared(row, 'tied')) this.#take(row, children);
      else this.#spare(row, children);
    }
    for (const row of this.#members.values()) this.#descend(row, children);
    // Shared programs come first, since the processes below them have the marker, too.
    for (const row of marked) if (!this.#isKnown(row) && this.#isShared(row, 'marked')) this.#spare(row, children);
    // Clients of a container engine come before the engine's helper processes.
    for (const row of marked) if (!this.#isKnown(row) && mayBeClient(row.name)) this.#take(row, children);
    for (const row of marked) if (!this.#isKnown(row) && !this.#isOfEngine(row)) this.#take(row, children);
    // The kernel does not reuse the number of a group or session that has a process, so the number is the service's while a member is in
    // it.
    const groups = new Set<number>();
    const sessions = new Set<number>();
    for (const row of this.#members.values()) {
      if (this.#leaders.hasLed(row.pgid, table.get(row.pgid))) groups.add(row.pgid);
      if (this.#leaders.hasLed(row.sid, table.get(row.sid))) sessions.add(row.sid);
    }
    const tied = [...table.values()].filter(
      (row) => !this.#isKnown(row) && !this.#isOfEngine(row) && (groups.has(row.pgid) || sessions.has(row.sid)),
    );
    for (const row of tied) if (!this.#isKnown(row) && this.#isShared(row, 'tied')) this.#spare(row, children);
    for (const row of tied) if (!this.#isKnown(row)) this.#take(row, children);
  }

  /**
   * True for an engine's helper process for the containers of this service: only the engine ends it, and the processes below it belong to
   * the container. Other programs have such names, too (`pasta`), so only a service that has had a client has helpers.
   */
  #isOfEngine({ name }: ProcessRow): boolean {
    return this.#hadClients && isEngineHelper(name);
  }

  #isKnown({ pid }: ProcessRow): boolean {
    return this.#members.has(pid) || this.spared.has(pid);
  }

  /** `by`: what ties the process to the service, only its marker or also its parent, group or session. */
  #isShared(row: ProcessRow, by: 'tied' | 'marked'): boolean {
    if (this.#own.has(row.pid) || this.#automated.has(row.pid)) return false;
    const kind = exactProgramKind(row.name);
    if (kind === null) return false;
    const { spared, workedIn } = TREATMENT[kind];
    if (spared === null || (spared === 'marked' && by === 'tied')) return false;
    // A person may use the tmux server or the browser that a service has started.
    return !this.#declared.has(kind) || (by === 'marked' && workedIn);
  }

  #spare(root: ProcessRow, children: ReadonlyMap<number, readonly ProcessRow[]>): void {
    for (const row of withDescendants([root], children)) {
      if (this.#own.has(row.pid)) continue;
      this.#members.delete(row.pid);
      this.spared.set(row.pid, row);
    }
  }

  #take(row: ProcessRow, children: ReadonlyMap<number, readonly ProcessRow[]>): void {
    this.spared.delete(row.pid);
    this.#join(row);
    this.#descend(row, children);
  }

  #descend(root: ProcessRow, children: ReadonlyMap<number, readonly ProcessRow[]>): void {
    const frontier = [root];
    for (let parent = frontier.pop(); parent !== undefined; parent = frontier.pop()) {
      for (const child of children.get(parent.pid) ?? []) {
        if (this.#isKnown(child) || this.#isOfEngine(child)) continue;
        if (this.#isShared(child, 'tied')) this.#spare(child, children);
        else {
          this.#join(child);
          frontier.push(child);
        }
      }
    }
  }

  #set(row: ProcessRow): void {
    this.#members.set(row.pid, row);
    if (!mayBeClient(row.name)) return;
    this.clients.set(row.pid, row);
    this.#hadClients = true;
  }

  #join(row: ProcessRow): void {
    this.#set(row);
    this.#leaders.add(row);
    if (this.#told.has(row.pid) || exactProgramKind(row.name) === null) return;
    this.#told.add(row.pid);
    this.#onOwn(row);
  }

  /** If the service itself is a shared program, such as a browser, it starts more processes of that kind. */
  #declare({ name }: ProcessRow): void {
    const kind = exactProgramKind(name);
    if (kind !== null) this.#declared.add(kind);
  }
}
