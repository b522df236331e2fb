/**
 * Recognises the daemon that a service's process has left behind without its marker. nginx, redis-server and gunicorn write
 * their title over their environment, and a daemon leaves its parent, its group and its session. It is the service's if
 *
 *   it was born between the spawn and the end of the service's process, in no session or group older than that, and its parent has
 *   ended;
 *   its user is ours, and nothing says that it belongs elsewhere (a unit, a container, another stack);
 *   it listens on a port of the service, which was free right before the spawn (`daemon-search.ts` sees to that);
 *   and it has kept one more trace of the service: see `DaemonTie`. A stranger may run the same program, in the same folder or
 *   control group, so none of these three counts for a process that has an environment: only one that has lost it can have had
 *   the marker. Nor does one count if the process has kept a stronger trace of another run in the session: two services that become
 *   daemons may have each other's ports.
 */
import type { ListenSocket, Machine, ProcessRow } from '../machine/machine.ts';
import type { DaemonTie } from '../model/daemon.ts';
import { type Holder, type ProcessId, sameProcess } from '../model/port.ts';
import { MARKER_VARIABLE } from '../model/stack-id.ts';
import { childrenOf, withDescendants } from './descendants.ts';
import { describe } from './describe.ts';
import { Leaders } from './leaders.ts';
import { natureOf, ownAncestors } from './refuse.ts';

/** The known facts of the run that a daemon may come from. */
export interface Origin {
  /** The first process of the run. */
  readonly child: ProcessId;
  /** Real paths. */
  readonly program: string;
  readonly cwd: string;
  /** The names of the files that its output goes to, as `openFiles` gives them. */
  readonly outputs: readonly string[];
  /** True for the number of a group or session that a process of the run has led. `living`: the process that has this pid now. */
  readonly hasLed: (id: number, living: ProcessId | undefined) => boolean;
  /** True for a socket that a process of the run has held. */
  readonly hasOwned: (socket: ListenSocket) => boolean;
  /** The process belongs to this service or to another one. */
  readonly isMember: (id: ProcessId) => boolean;
  /** By service, its last run that was alive at the same time as this one; it may have ended since. */
  readonly others: Map<string, Origin>;
}

/** The facts of a process that may be a daemon. */
interface Candidate {
  readonly holder: Holder;
  /** The socket that it holds on a port of the service; null: none. */
  readonly socket: ListenSocket | null;
  /** The names of its open files. */
  readonly files: readonly string[];
  readonly hasEnvironment: boolean;
  /** It is in devup's control group. */
  readonly isBesideDevup: boolean;
  /** The run has led its group or session. */
  readonly isLedBy: (run: Origin) => boolean;
}

/** An orphan, and what ties it to its service; null: nothing does. */
export interface Orphan {
  readonly row: ProcessRow;
  readonly holder: Holder;
  readonly tie: DaemonTie | null;
}

export class Orphans {
  readonly #machine: Machine;
  readonly #origin: Origin;
  /** The living orphans and their descendants, as of the last scan. */
  #rows: ReadonlyMap<number, ProcessRow> = new Map();
  /** All of them, past ones included. */
  readonly #all = new Leaders();
  /** Once tied, a process stays so: a daemon may change its folder or close its output later. */
  readonly #ties = new Map<number, DaemonTie>();
  /** All that were tied, past ones included. */
  readonly #allTied = new Leaders();
  /** The processes as of the last scan. */
  #table: ReadonlyMap<number, ProcessRow> = new Map();
  #ancestors: ReadonlySet<number> | null = null;

  constructor(machine: Machine, origin: Origin) {
    this.#machine = machine;
    this.#origin = origin;
  }

  /** The first scan, right after the end of the service's process, finds the orphans; a later one adds only what comes from them. */
  async scan(): Promise<void> {
    const isFirst = this.#ancestors === null;
    this.#ancestors ??= await ownAncestors(this.#machine);
    const { child, isMember } = this.#origin;
    // A child that ended before it could be read has no known start.
    const table = child.start === 0 ? [] : await this.#machine.processes();
    this.#table = new Map(table.map((row) => [row.pid, row]));
    const older = table.filter(({ start }) => start < child.start);
    // Every service begins a session, which its descendants can leave only for one of their own (setsid(2), setpgid(2)). So what
    // is older, or in a group that is, does not come from it.
    const groupsBefore = new Set(older.flatMap(({ pgid, sid }) => [pgid, sid]));
    const isFromBefore = ({ pgid, sid }: ProcessRow) => [pgid, sid].some((id) => id > 0 && groupsBefore.has(id));
    const young = table.filter((row) => row.pid !== child.pid && !isMember(row) && !isFromBefore(row));
    const isKnown = (row: ProcessRow) => sameRow(this.#rows.get(row.pid), row);
    const isLed = (row: ProcessRow) => this.#isLedBy(this.#all, row) || this.#isLedBy(this.#origin, row);
    const reapers = new Set(table.filter((row) => this.#isReaper(row)).map(({ pid }) => pid));
    const roots = young.filter((row) => isKnown(row) || isLed(row) || (isFirst && reapers.has(row.ppid)));
    const found = new Map(withDescendants(roots, childrenOf(young)).map((row) => [row.pid, row]));
    for (const row of found.values()) this.#all.add(row);
    for (const pid of this.#ties.keys()) if (!sameRow(found.get(pid), this.#rows.get(pid))) this.#ties.delete(pid);
    this.#rows = found;
  }

  /** As `rootOf`, but null for a process with a marker: it belongs to another service or stack, whoever its ancestors are. */
  async unmarkedRootOf(pid: number): Promise<ProcessRow | null> {
    const root = this.rootOf(pid);
    return root && !(await this.#machine.variable(pid, MARKER_VARIABLE)) ? root : null;
  }

  /** The oldest living ancestor of a process among the orphans, or itself; null: it is none of them, nor a child of one. */
  rootOf(pid: number): ProcessRow | null {
    let root = this.#rows.get(pid) ?? null;
    for (let parent = root && this.#rows.get(root.ppid); parent; parent = this.#rows.get(parent.ppid)) root = parent;
    return root;
  }

  /**
   * The orphans that something ties to the service. `byGroup`: also those that only the control group ties. No search waits for such a one,
   * since all processes of a container or a login share that group: a stranger's orphan would delay the report of an exit until the timeout.
   */
  async tied(byGroup: boolean): Promise<readonly Orphan[]> {
    const roots = new Set([...this.#rows.keys()].map((pid) => this.rootOf(pid)));
    const orphans = await Promise.all([...roots].map((root) => (root ? this.examine(root) : null)));
    return orphans.filter((orphan) => orphan?.tie && (byGroup || orphan.tie !== 'control-group')) as readonly Orphan[];
  }

  /** Null: it has ended. `socket`: the one that it holds on a port of the service. */
  async examine(row: ProcessRow, socket: ListenSocket | null = null): Promise<Orphan | null> {
    const holder = await describe(this.#machine, row.pid, []);
    if (!holder || !sameProcess(holder, row)) return null;
    const tie = this.#isElsewhere(holder) ? null : (this.#ties.get(row.pid) ?? (await this.#findTie(row, holder, socket)));
    if (tie) this.#ties.set(row.pid, tie);
    if (tie) this.#allTied.add(row);
    return { row, holder, tie };
  }

  #isLedBy(leaders: Pick<Origin, 'hasLed'>, { pgid, sid }: ProcessRow): boolean {
    return [sid, pgid].some((id) => leaders.hasLed(id, this.#table.get(id)));
  }

  /**
   * It becomes the parent of processes below devup that lose theirs: the first process, or a nearer one that has asked for it
   * (prctl(2)).
   */
  #isReaper({ pid, name }: ProcessRow): boolean {
    return pid === 1 || (this.#ancestors?.has(pid) === true && REAPER.test(name));
  }

  #isElsewhere(holder: Holder): boolean {
    if (holder.uid === null || holder.uid !== this.#machine.uid || holder.stack !== null) return true;
    return natureOf(holder, { machine: this.#machine, asker: 'claim', ancestors: this.#ancestors ?? new Set() }) !== null;
  }

  async #findTie(row: ProcessRow, holder: Holder, socket: ListenSocket | null): Promise<DaemonTie | null> {
    const group = await this.#machine.controlGroup(row.pid);
    const candidate: Candidate = {
      holder,
      socket,
      files: await this.#machine.openFiles(row.pid),
      // Undefined: it cannot be read now.
      hasEnvironment: (await this.#machine.variable(row.pid, COMMON_VARIABLE)) !== null,
      isBesideDevup: group !== null && group === (await this.#machine.controlGroup(this.#machine.pid)),
      isLedBy: (run) => this.#isLedBy(run, row),
    };
    const tie = strongestTie(candidate, this.#origin);
    if (tie !== 'socket' && this.#isLedBy(this.#allTied, row)) return 'session';
    if (tie === null || CERTAIN.has(tie)) return tie;
    const isOthers = (run: Origin) => {
      const other = run.child.start <= row.start ? strongestTie(candidate, run) : null;
      return other !== null && TIES.indexOf(other) < TIES.indexOf(tie);
    };
    return [...this.#origin.others.values()].some(isOthers) ? null : tie;
  }
}

/** The system does not show who has asked to be a reaper. A shell never has, so what it starts is no orphan. `Relay`: under WSL. */
const REAPER = /^(systemd|init|tini|catatonit|dumb-init|docker-init|s6-svscan|runsvdir)$|^Relay\(/;

/** A variable that is in every environment but a lost one. */
const COMMON_VARIABLE = 'PATH';

/** The strongest tie first. A session's services have folders of their own more often than programs of their own. */
const TIES: readonly DaemonTie[] = ['socket', 'session', 'output', 'folder', 'program', 'control-group'];

/** The ties that only a process of the run can have. */
const CERTAIN: ReadonlySet<DaemonTie> = new Set(['socket', 'session', 'output']);

function strongestTie(candidate: Candidate, run: Origin): DaemonTie | null {
  const { holder, socket, files, hasEnvironment, isBesideDevup, isLedBy } = candidate;
  const { program, cwd, outputs, hasOwned } = run;
  if (socket && hasOwned(socket)) return 'socket';
  if (isLedBy(run)) return 'session';
  if (files.some((name) => outputs.includes(name))) return 'output';
  if (hasEnvironment) return null;
  // A daemon that cares about its folder goes to the root.
  if (holder.cwd === cwd && cwd !== '/') return 'folder';
  if (holder.executable === program) return 'program';
  return isBesideDevup ? 'control-group' : null;
}

function sameRow(a: ProcessRow | undefined, b: ProcessRow | undefined): boolean {
  return a !== undefined && b !== undefined && sameProcess(a, b);
}
