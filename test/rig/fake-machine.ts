/**
 * A `Machine` in memory. A test owns its time (`advance`), its processes (`spawn`, `fork`, `exit`) and its sockets (`listen`,
 * `connect`). `beforeRead` is called before each read of a process, a table or a port, and may end processes, fork others or
 * reuse their pids, as the world may do between a read and a signal. The contract suite runs against it and against the real
 * Linux alike.
 */
import { linuxPlatform } from '../../src/machine/linux.ts';
import type {
  ListenSocket,
  Machine,
  OtherSocket,
  ProcessDetails,
  ProcessRow,
  ProcessWithVariable,
  Signal,
  SignalOutcome,
} from '../../src/machine/machine.ts';
import { addressesOf, type HostPort, isThisMachine } from '../../src/model/address.ts';
import type { Platform } from '../../src/model/platform.ts';
import type { ProcessId } from '../../src/model/port.ts';
import { FakeClock } from './fake-clock.ts';
import { type FakeProcess, FakeProcesses, type FakeProcessOptions } from './fake-processes.ts';
import { type FakeSocket, FakeSockets, type ListenOptions } from './fake-sockets.ts';

export type Read =
  | 'listenSockets'
  | 'otherSockets'
  | 'holders'
  | 'canBind'
  | 'processes'
  | 'process'
  | 'details'
  | 'container'
  | 'variable'
  | 'signal';

export interface SentSignal {
  readonly target: FakeProcess;
  readonly signal: Signal;
  readonly atMs: number;
}

export class FakeMachine implements Machine {
  /** A test may replace the facts of the system here. */
  platform: Platform = linuxPlatform;
  readonly clock = new FakeClock();
  readonly sockets = new FakeSockets();
  readonly table: FakeProcesses;
  /** The process of devup itself. */
  readonly self: FakeProcess;
  /** Every signal that reached a process, in order. */
  readonly sent: SentSignal[] = [];
  readonly files = new Map<string, string>();
  readonly users = new Map<number, string>([[0, 'root']]);
  ephemeral: readonly [number, number] = [32_768, 60_999];
  excluded: readonly (readonly [number, number])[] = [];
  beforeRead: ((read: Read) => void) | null = null;
  /** Processes whose environment cannot be read now. */
  readonly hidden = new Set<FakeProcess>();
  boot = '00000000-0000-4000-8000-000000000001';

  constructor({ uid = 1000, user = 'me' }: { readonly uid?: number; readonly user?: string } = {}) {
    if (uid !== 0) this.users.set(uid, user);
    this.table = new FakeProcesses(this.clock, {
      forked: (parent, child) => this.sockets.inherit(parent, child),
      ended: (process) => this.sockets.closeAll(process),
    });
    const shell = this.table.spawn(this.table.init, { name: 'bash', argv: ['bash'], uid, cwd: '/home/me', session: true });
    this.self = shell.fork({ name: 'node', argv: ['node', 'devup'], executable: '/usr/bin/node' });
    this.self.setpgid();
  }

  get pid(): number {
    return this.self.pid;
  }

  get uid(): number {
    return this.self.uid;
  }

  /** Moves the time; everything that falls due happens at its own moment. */
  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** A child of devup, or of `parent`. */
  spawn(options: FakeProcessOptions & { readonly parent?: FakeProcess } = {}): FakeProcess {
    const { parent = this.self, ...rest } = options;
    return this.table.spawn(parent, rest);
  }

  /** Throws EADDRINUSE, as the kernel does. */
  listen(process: FakeProcess, port: number, options?: ListenOptions): FakeSocket {
    return this.sockets.listen(process, port, options);
  }

  connect(process: FakeProcess, port: number, remote: string): FakeSocket {
    return this.sockets.connect(process, port, remote);
  }

  async bootId(): Promise<string> {
    return this.boot;
  }

  networkNamespace(): string {
    return 'net:[4026531840]';
  }

  async listenSockets(ports?: ReadonlySet<number>): Promise<readonly ListenSocket[]> {
    await this.#read('listenSockets');
    const listening = this.sockets.all().filter(({ kind, port }) => kind === 'listening' && ports?.has(port) !== false);
    return listening.map((socket) => {
      const { port, address, uid, handle } = socket;
      return { port, address, uid, handle, pids: null, queued: this.sockets.queued(socket) };
    });
  }

  socketCount(): string {
    return String(this.sockets.all().filter(({ kind }) => kind !== 'bound').length);
  }

  async otherSockets(ports: ReadonlySet<number>): Promise<readonly OtherSocket[]> {
    await this.#read('otherSockets');
    const connected = this.sockets.all().filter(({ kind, port }) => kind !== 'listening' && kind !== 'bound' && ports.has(port));
    const rows = connected.map(({ port, address, remote, uid, handle, kind }): OtherSocket => {
      const ends = { port, address, remote };
      return kind === 'queued' ? { ...ends, state: 'queued', uid: null, handle: null } : { ...ends, state: 'connected', uid, handle };
    });
    return [...rows, ...this.sockets.timeWait().filter(({ port }) => ports.has(port))];
  }

  async holders(handles: ReadonlySet<string>, among?: Iterable<number>): Promise<ReadonlyMap<string, readonly number[]>> {
    const found = new Map<string, number[]>();
    for (const pid of new Set(among ?? this.table.living().map((each) => each.pid))) {
      await this.#read('holders');
      const process = this.#readable(pid);
      for (const { handle, holders } of this.sockets.all()) {
        if (process === null || !handles.has(handle) || !holders.has(process)) continue;
        found.set(handle, [...(found.get(handle) ?? []), pid]);
      }
    }
    return found;
  }

  async canBind(port: number): ReturnType<Machine['canBind']> {
    for (const address of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
      await this.#read('canBind');
      if (port < 1024 && this.uid !== 0) return { free: false, errno: 'EACCES', address };
      if (this.excluded.some(([from, to]) => from <= port && port <= to)) return { free: false, errno: 'EXCLUDED', address };
      if (!this.sockets.canBind(port, address)) return { free: false, errno: 'EADDRINUSE', address };
    }
    return { free: true };
  }

  async ephemeralPorts(): Promise<readonly [number, number]> {
    return this.ephemeral;
  }

  async excludedPorts(): Promise<readonly (readonly [number, number])[]> {
    return this.excluded;
  }

  async acceptsConnections(port: number): Promise<boolean> {
    return (await this.connectTo({ host: 'localhost', port })) === null;
  }

  /** Other hosts never answer. */
  async connectTo({ host, port }: HostPort): Promise<string | null> {
    return isThisMachine(host) && addressesOf(host).some((address) => !this.sockets.canBind(port, address)) ? null : 'ECONNREFUSED';
  }

  pids(): readonly number[] | null {
    return this.table.numbers();
  }

  async processes(except?: ReadonlySet<number>): Promise<readonly ProcessRow[]> {
    const rows: ProcessRow[] = [];
    for (const { pid } of this.table.living()) {
      if (except?.has(pid)) continue;
      await this.#read('processes');
      const row = this.#living(pid)?.row();
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  async process(pid: number): Promise<ProcessRow | null> {
    await this.#read('process');
    return this.#living(pid)?.row() ?? null;
  }

  async sleepsUntilWoken(child: number, pid: number): Promise<boolean> {
    await this.#read('process');
    return this.table.at(child) === null && this.#living(pid)?.options.rests === true;
  }

  async details(id: ProcessId): Promise<ProcessDetails | null> {
    await this.#read('details');
    const process = this.#living(id.pid);
    if (process === null || process.start !== id.start) return null;
    const { argv = ['node'], cwd = '/home/me', executable = '/usr/bin/node', container = null, unit = null } = process.options;
    const ours = this.#readable(id.pid) !== null;
    return {
      argv,
      executable: ours ? executable : null,
      cwd: ours ? cwd : null,
      uid: process.uid,
      user: await this.userName(process.uid),
      startedAtMs: this.clock.wallTime() - this.clock.now() + process.start * 10,
      container,
      unit,
    };
  }

  async container(pid: number): Promise<string | null> {
    await this.#read('container');
    return this.#living(pid)?.options.container ?? null;
  }

  async controlGroup(pid: number): Promise<string | null> {
    await this.#read('container');
    return this.#living(pid)?.options.controlGroup ?? null;
  }

  async openFiles(pid: number): Promise<readonly string[]> {
    await this.#read('holders');
    return this.#readable(pid)?.options.files ?? [];
  }

  async variable(pid: number, name: string): Promise<string | null | undefined> {
    await this.#read('variable');
    const process = this.#readable(pid);
    if (process !== null && this.hidden.has(process)) return undefined;
    return process?.env[name] ?? null;
  }

  async processesWithVariable(name: string, beginning: string): Promise<ReadonlyMap<number, ProcessWithVariable>> {
    const found = new Map<number, ProcessWithVariable>();
    for (const process of this.table.living()) {
      const { pid } = process;
      const value = await this.variable(pid, name);
      if (value === undefined) found.set(pid, { ...process.row(), value: null });
      else if (value?.startsWith(beginning)) found.set(pid, { ...process.row(), value });
    }
    return found;
  }

  async userName(uid: number): Promise<string | null> {
    return this.users.get(uid) ?? null;
  }

  async signal(id: ProcessId, signal: Signal): Promise<SignalOutcome> {
    requirePid(id.pid);
    await this.#read('signal');
    const process = this.#living(id.pid);
    if (process === null) return 'gone';
    return process.start === id.start ? this.#send([process], signal) : 'reused';
  }

  async signalGroup(pgid: number, members: readonly ProcessId[], signal: Signal): Promise<SignalOutcome> {
    for (const pid of [pgid, ...members.map((member) => member.pid)]) requirePid(pid);
    if (pgid === this.self.pgid) throw new RangeError(`${pgid} is our own process group`);
    await this.#read('signal');
    const now = members.map((member) => ({ member, process: this.#living(member.pid) })).filter(({ process }) => process?.pgid === pgid);
    if (now.length === 0) return 'gone';
    if (!now.some(({ member, process }) => process?.start === member.start)) return 'reused';
    return this.#send(
      this.table.living().filter((each) => each.pgid === pgid),
      signal,
    );
  }

  async signalTree(id: ProcessId, signal: Signal): Promise<SignalOutcome> {
    requirePid(id.pid);
    await this.#read('signal');
    const root = this.#living(id.pid);
    if (root === null) return 'gone';
    return root.start === id.start ? this.#send(this.#treeOf(root), signal) : 'reused';
  }

  async writeFileAtomically(file: string, text: string): Promise<void> {
    this.files.set(file, text);
  }

  async #read(read: Read): Promise<void> {
    // One turn of the event loop: as on a real machine, nothing answers faster than a promise.
    await Promise.resolve();
    this.beforeRead?.(read);
  }

  #living(pid: number): FakeProcess | null {
    const process = this.table.at(pid);
    return process?.alive ? process : null;
  }

  #readable(pid: number): FakeProcess | null {
    const process = this.#living(pid);
    return process !== null && (this.uid === 0 || process.uid === this.uid) ? process : null;
  }

  #send(targets: readonly FakeProcess[], signal: Signal): SignalOutcome {
    const allowed = targets.filter(({ uid }) => this.uid === 0 || uid === this.uid);
    for (const target of allowed) {
      if (!target.alive) continue;
      this.sent.push({ target, signal, atMs: this.clock.now() });
      this.table.deliver(target, signal);
    }
    return allowed.length === 0 ? 'denied' : 'sent';
  }

  #treeOf(root: FakeProcess): readonly FakeProcess[] {
    const children = this.table.living().filter((each) => each.parent === root);
    return [root, ...children.flatMap((child) => this.#treeOf(child))];
  }
}

function requirePid(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new RangeError(`must be a whole number above 1, not ${pid}`);
}
