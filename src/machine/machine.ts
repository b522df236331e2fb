/**
 * The operating system behind one interface. Everything that reads processes, sockets or time, or sends a signal, goes
 * through a `Machine`, so that the rest can be tested against a simulated one (`test/rig/fake-machine.ts`).
 */

import type { HostPort } from '../model/address.ts';
import type { Platform } from '../model/platform.ts';
import type { ProcessId } from '../model/port.ts';

/** One row of the process table. Zombies are dead, and have none. */
export interface ProcessRow extends ProcessId {
  readonly ppid: number;
  readonly pgid: number;
  /** Session id; 0 if the system does not reveal it. */
  readonly sid: number;
  /** Suspended by a signal (state T). */
  readonly stopped: boolean;
  /**
   * The kernel's name for the process (Linux: at most 15 bytes, which may contain blanks and parentheses); if that is only a thread's name,
   * the program's.
   */
  readonly name: string;
  /** CPU time used so far; null if it cannot be read cheaply. */
  readonly cpuMs: number | null;
  readonly residentBytes: number | null;
}

/** A process and the value of a variable in its environment. Null: it could not be read, so ask `variable`. */
export interface ProcessWithVariable extends ProcessRow {
  readonly value: string | null;
}

/** More about a process, read only to show it to people. */
export interface ProcessDetails {
  readonly argv: readonly string[];
  readonly executable: string | null;
  /** Null: devup may not read it. */
  readonly cwd: string | null;
  readonly uid: number | null;
  readonly user: string | null;
  readonly startedAtMs: number | null;
  readonly container: string | null;
  readonly unit: string | null;
}

/** One LISTEN socket of TCP. */
export interface ListenSocket {
  readonly port: number;
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::`, … */
  readonly address: string;
  readonly uid: number | null;
  /** Identifies the socket for `holders`: an inode on Linux. */
  readonly handle: string;
  /** The processes that hold the socket, if the table names them (macOS, Windows); null: ask `holders`. */
  readonly pids: readonly number[] | null;
  /** The length of the accept queue: connections that no process has accepted yet. Null: the system does not reveal it. */
  readonly queued: number | null;
}

/** A TCP socket that is bound to a local port without listening: an outgoing connection, or a closing one. */
export interface OtherSocket {
  readonly port: number;
  readonly address: string;
  readonly remote: string;
  /** `queued`: the connection waits in the accept queue of a listener; its client may have closed it meanwhile. */
  readonly state: 'connected' | 'queued' | 'closing';
  readonly uid: number | null;
  /** Null for TIME_WAIT and `queued`, which no process holds. */
  readonly handle: string | null;
}

export type SignalOutcome =
  | 'sent'
  /** No such process, or a zombie. */
  | 'gone'
  /** The pid belongs to another process by now; nothing was sent. */
  | 'reused'
  /** Another user's process. */
  | 'denied';

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL' | 'SIGCONT' | 'SIGSTOP';

export interface Clock {
  /** Monotonic milliseconds, for intervals. On Linux they do not pass while the machine is suspended. */
  now(): number;
  /** Milliseconds since the boot, including time suspended, whatever the wall clock shows. For people; may be in whole seconds. */
  sinceBoot(): number;
  /** Milliseconds since 1970, for people. */
  wallTime(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves in the next turn of the event loop, after the events that are pending now. */
  turn(): Promise<void>;
}

export interface Machine {
  /** The facts of this system. */
  readonly platform: Platform;
  /** The pid of this process. */
  readonly pid: number;
  /** The effective user of this process; null on Windows. */
  readonly uid: number | null;
  readonly clock: Clock;
  /** Changes with every boot: records of another boot are void. */
  bootId(): Promise<string>;
  /** The network namespace of this process (Linux); '' elsewhere. */
  networkNamespace(): string;

  /** All LISTEN sockets; with `ports`, at least those of these ports: reading may stop once all of them are found. */
  listenSockets(ports?: ReadonlySet<number>): Promise<readonly ListenSocket[]>;
  /** The system's count of its sockets, which changes with each new listener. Cheap. Null: the system keeps no count. */
  socketCount(): string | null;
  /** Sockets on these local ports that do not listen. Slow, since the whole table is read: only for explanations. */
  otherSockets(ports: ReadonlySet<number>): Promise<readonly OtherSocket[]>;
  /**
   * All processes that hold each of these sockets (pre-forked workers share one): handle → pids.
   * With `among`, only these processes are searched.
   */
  holders(handles: ReadonlySet<string>, among?: Iterable<number>): Promise<ReadonlyMap<string, readonly number[]>>;
  /**
   * True when a socket can be bound exclusively on 127.0.0.1, ::1, 0.0.0.0 and :: (families that exist). Otherwise the
   * `errno` says why not; `EXCLUDED`: the system has set the port aside.
   */
  canBind(port: number): Promise<{ readonly free: true } | { readonly free: false; readonly errno: string; readonly address: string }>;

  /** The ports that the system gives to outgoing connections, ends included; null if it does not reveal them. */
  ephemeralPorts(): Promise<readonly [number, number] | null>;
  /** Ranges of ports that the system has set aside and refuses to programs, ends included. */
  excludedPorts(): Promise<readonly (readonly [number, number])[]>;

  /** Whether connections to the port of 127.0.0.1 or ::1 are accepted. Cheap, but says nothing about who accepts them. */
  acceptsConnections(port: number): Promise<boolean>;
  /** Null once a connection to the port of `host` is accepted; otherwise an errno, or that there was no answer in time. */
  connectTo(target: HostPort, timeoutMs: number, signal?: AbortSignal): Promise<string | null>;

  /** The pids of all processes, zombies included, always in the same order. Null if reading them costs as much as the whole table. */
  pids(): readonly number[] | null;
  /** The living processes. Those of `except` are left out if that saves reading. */
  processes(except?: ReadonlySet<number>): Promise<readonly ProcessRow[]>;
  /** One process as it is now; null when gone or a zombie. */
  process(pid: number): Promise<ProcessRow | null>;
  /**
   * Whether a process has collected its dead child and sleeps until something wakes it, so that it starts nothing by itself.
   * False also if that cannot be determined.
   */
  sleepsUntilWoken(child: number, pid: number): Promise<boolean>;
  /** Null when gone. */
  details(id: ProcessId): Promise<ProcessDetails | null>;
  /** The container that a process runs in; null also for the container that devup itself runs in. Cheaper than `details`. */
  container(pid: number): Promise<string | null>;
  /** The control group of a process. Null: the system has none, the process is gone, or it is in the root group, as everything may be. */
  controlGroup(pid: number): Promise<string | null>;
  /** The names of the files that a process has open, with what the system adds to a removed one. Empty if they cannot be read. */
  openFiles(pid: number): Promise<readonly string[]>;
  /**
   * A variable of a process's environment as of its start; null if it is unset, or the process is gone or another user's. Undefined: the
   * process belongs to our user, but its environment cannot be read now, perhaps because it is in execve(2). Try again later.
   */
  variable(pid: number, name: string): Promise<string | null | undefined>;
  /**
   * The processes in which the variable begins so, by pid, and perhaps others whose environment could not be read. Some may have ended
   * since they were read. Saves calling `variable` for each process.
   */
  processesWithVariable(name: string, beginning: string): Promise<ReadonlyMap<number, ProcessWithVariable>>;
  userName(uid: number): Promise<string | null>;

  /** Reads the start time again immediately before it sends. Throws for pids that are not safe integers > 1. */
  signal(id: ProcessId, signal: Signal): Promise<SignalOutcome>;
  /** Signals the whole group, if one of `members` is alive and in it. */
  signalGroup(pgid: number, members: readonly ProcessId[], signal: Signal): Promise<SignalOutcome>;
  /** Signals a process and its descendants (tree-kill): the fallback for systems without groups. */
  signalTree(id: ProcessId, signal: Signal): Promise<SignalOutcome>;

  /** Writes a temporary file beside it, then renames that; mode 0600. No fsync: records are void after a reboot. */
  writeFileAtomically(file: string, text: string): Promise<void>;
}
