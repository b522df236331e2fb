/** A simulated process table: forks, groups, sessions, zombies, reused pids, and how each process reacts to a signal. */
import type { ProcessRow, Signal } from '../../src/machine/machine.ts';
import type { FakeClock } from './fake-clock.ts';

/** The reaction of a process to a signal: it ends at once or after a while, ignores it, or calls a function. */
export type Reaction = 'die' | 'ignore' | { readonly dieAfterMs: number } | ((process: FakeProcess) => void);

export interface FakeProcessOptions {
  readonly name?: string;
  readonly argv?: readonly string[];
  readonly cwd?: string | null;
  readonly executable?: string | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly container?: string | null;
  readonly unit?: string | null;
  readonly controlGroup?: string | null;
  /** The names of its open files. */
  readonly files?: readonly string[];
  /** Gets its own session and group, as with `spawn({ detached: true })`. */
  readonly session?: boolean;
  /** A fixed pid instead of the next one, to reuse that of a dead process. */
  readonly pid?: number;
  readonly on?: Readonly<Partial<Record<Signal, Reaction>>>;
  /** False: it never waits for its children, which stay zombies. */
  readonly reaps?: boolean;
  /** The process sleeps without a deadline. */
  readonly rests?: boolean;
}

export class FakeProcess {
  state: 'running' | 'stopped' | 'zombie' | 'gone' = 'running';
  readonly held: Signal[] = [];
  readonly on: Partial<Record<Signal, Reaction>>;
  readonly env: Readonly<Record<string, string>>;
  readonly table: FakeProcesses;
  readonly pid: number;
  readonly start: number;
  options: FakeProcessOptions;
  readonly uid: number;
  parent: FakeProcess | null;
  pgid: number;
  sid: number;

  constructor(table: FakeProcesses, pid: number, start: number, parent: FakeProcess | null, options: FakeProcessOptions) {
    this.table = table;
    this.pid = pid;
    this.start = start;
    this.parent = parent;
    this.options = { ...parent?.options, container: null, unit: null, reaps: true, rests: false, ...options };
    this.on = { ...parent?.on, ...options.on };
    this.env = options.env ?? parent?.env ?? {};
    this.uid = options.uid ?? parent?.uid ?? 0;
    this.pgid = options.session || parent === null ? pid : parent.pgid;
    this.sid = options.session || parent === null ? pid : parent.sid;
  }

  get alive(): boolean {
    return this.state === 'running' || this.state === 'stopped';
  }

  /** A child in the same group, session and environment, with the same reactions and open sockets. */
  fork(options: Omit<FakeProcessOptions, 'uid'> = {}): FakeProcess {
    return this.table.spawn(this, options);
  }

  setsid(): void {
    this.sid = this.pid;
    this.pgid = this.pid;
  }

  setpgid(pgid: number = this.pid): void {
    this.pgid = pgid;
  }

  /** Like `prctl(PR_SET_NAME)`. */
  rename(name: string): void {
    this.options = { ...this.options, name };
  }

  exit(): void {
    if (this.alive) this.table.end(this);
  }

  row(): ProcessRow {
    const { pid, start, pgid, sid } = this;
    const name = (this.options.name ?? 'node').slice(0, 15);
    return {
      pid,
      start,
      ppid: this.parent?.pid ?? 0,
      pgid,
      sid,
      stopped: this.state === 'stopped',
      name,
      cpuMs: 0,
      residentBytes: 1024 * 1024,
    };
  }
}

export class FakeProcesses {
  readonly #clock: FakeClock;
  readonly #all = new Map<number, FakeProcess>();
  readonly #forked: (parent: FakeProcess, child: FakeProcess) => void;
  readonly #ended: (process: FakeProcess) => void;
  readonly init: FakeProcess;
  #lastPid = 99;
  #lastStart = 0;

  constructor(clock: FakeClock, watch: { forked(parent: FakeProcess, child: FakeProcess): void; ended(process: FakeProcess): void }) {
    this.#clock = clock;
    this.#forked = watch.forked;
    this.#ended = watch.ended;
    this.init = this.#add(new FakeProcess(this, 1, 1, null, { name: 'init', argv: ['/sbin/init'], uid: 0, cwd: '/' }));
  }

  /** Includes zombies, which keep their pid. */
  at(pid: number): FakeProcess | null {
    return this.#all.get(pid) ?? null;
  }

  /** Includes zombies. */
  numbers(): readonly number[] {
    return [...this.#all.keys()].sort((a, b) => a - b);
  }

  living(): readonly FakeProcess[] {
    return [...this.#all.values()].filter((each) => each.alive).sort((a, b) => a.pid - b.pid);
  }

  spawn(parent: FakeProcess, options: FakeProcessOptions): FakeProcess {
    if (!parent.alive) throw new Error(`process ${parent.pid} is dead and cannot fork`);
    const pid = options.pid ?? this.#freePid();
    if (this.#all.has(pid)) throw new Error(`process ${pid} is still there`);
    // In ticks of 10 ms. Two processes never share one, so that a pid reused within a tick is recognised.
    const start = Math.max(Math.floor(this.#clock.now() / 10), this.#lastStart + 1);
    this.#lastStart = start;
    const child = this.#add(new FakeProcess(this, pid, start, parent, options));
    this.#forked(parent, child);
    return child;
  }

  end(process: FakeProcess): void {
    process.state = process.parent?.alive && process.parent.options.reaps === false ? 'zombie' : 'gone';
    if (process.state === 'gone') this.#all.delete(process.pid);
    for (const child of [...this.#all.values()]) {
      if (child.parent !== process) continue;
      child.parent = this.init;
      if (child.state === 'zombie') this.#collect(child);
    }
    this.#ended(process);
  }

  /** Delivers signals as the kernel does: a stopped process holds them back until CONT, and KILL ends every process. */
  deliver(process: FakeProcess, signal: Signal): void {
    if (!process.alive) return;
    if (signal === 'SIGKILL') process.exit();
    else if (signal === 'SIGSTOP') process.state = 'stopped';
    else if (signal === 'SIGCONT') this.#continue(process);
    else if (process.state === 'stopped') process.held.push(signal);
    else this.#react(process, process.on[signal] ?? 'die');
  }

  #continue(process: FakeProcess): void {
    process.state = 'running';
    const held = process.held.splice(0);
    for (const signal of held) this.deliver(process, signal);
    const reaction = process.on.SIGCONT;
    if (process.alive && typeof reaction === 'function') reaction(process);
  }

  #react(process: FakeProcess, reaction: Reaction): void {
    if (reaction === 'die') process.exit();
    else if (typeof reaction === 'function') reaction(process);
    else if (typeof reaction === 'object') this.#clock.at(reaction.dieAfterMs, () => process.exit());
  }

  #add(process: FakeProcess): FakeProcess {
    this.#all.set(process.pid, process);
    return process;
  }

  #collect(process: FakeProcess): void {
    process.state = 'gone';
    this.#all.delete(process.pid);
  }

  /** As in the kernel, no pid is reused while a process, group or session has it. */
  #freePid(): number {
    const groups = new Set([...this.#all.values()].flatMap(({ pgid, sid }) => [pgid, sid]));
    do this.#lastPid++;
    while (this.#all.has(this.#lastPid) || groups.has(this.#lastPid));
    return this.#lastPid;
  }
}
