/**
 * The operating system behind one interface. Everything that reads processes, sockets or time, or sends a signal, goes
 * through a `Machine`, so that the rest can be tested against a simulated one (`test/rig/fake-machine.ts`).
 */

import type { HostPort } from '../model/address.ts';
import type { Platform } from '../model/platform.ts';
import type { ProcessId } from '../model/port.ts';

/** What one look at the process table tells about a process. Zombies are not in it: they are dead. */
export interface ProcessRow extends ProcessId {
  readonly ppid: number;
  readonly pgid: number;
  /** Session id; 0 where the system does not tell. */
  readonly sid: number;
  /** Stopped by a signal (state T). */
  readonly stopped: boolean;
  /** The name that the kernel keeps (Linux: at most 15 bytes; may hold blanks and parentheses); the program's where that is only a thread's. */
  readonly name: string;
  /** CPU time used so far; null where the system does not tell cheaply. */
  readonly cpuMs: number | null;
  readonly residentBytes: number | null;
}

/** What is read of one process only when somebody is to see it. */
export interface ProcessDetails {
  readonly argv: readonly string[];
  readonly executable: string | null;
  /** Null: not ours to read. */
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
  /** Names the socket towards `holders`: an inode on Linux. */
  readonly handle: string;
  /** Where the table itself names the processes (macOS, Windows); null where `holders` must be asked. */
  readonly pids: readonly number[] | null;
}

/** A TCP socket that is bound to a local port without listening: an outgoing connection, or one being closed. */
export interface OtherSocket {
  readonly port: number;
  readonly address: string;
  readonly remote: string;
  readonly state: 'connected' | 'closing';
  readonly uid: number | null;
  /** Null for TIME_WAIT: it belongs to nobody. */
  readonly handle: string | null;
}

export type SignalOutcome =
  | 'sent'
  /** No such process, or a zombie. */
  | 'gone'
  /** The number belongs to another process by now; nothing was sent. */
  | 'reused'
  /** Another user's process. */
  | 'denied';

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL' | 'SIGCONT' | 'SIGSTOP';

export interface Clock {
  /** Monotonic milliseconds: for intervals. */
  now(): number;
  /** Milliseconds since 1970: for people. */
  wallTime(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves in the next turn of the event loop: after everything that has happened by now was told. */
  turn(): Promise<void>;
}

export interface Machine {
  /** What is true of this system. */
  readonly platform: Platform;
  /** Our own. */
  readonly pid: number;
  /** Our own effective user; null on Windows. */
  readonly uid: number | null;
  readonly clock: Clock;
  /** Changes with every boot: records of another boot are void. */
  bootId(): Promise<string>;
  /** Names the network namespace we see (Linux); '' elsewhere. */
  networkNamespace(): string;

  /** All LISTEN sockets; with `ports`, at least those of these ports, and reading may stop early once all of them were seen. */
  listenSockets(ports?: ReadonlySet<number>): Promise<readonly ListenSocket[]>;
  /** The system's own count of its sockets, which is another one once somebody has begun to listen; cheap. Null: there is none. */
  socketCount(): string | null;
  /** Sockets on these local ports that do not listen. Slow (the whole table): asked only to explain. */
  otherSockets(ports: ReadonlySet<number>): Promise<readonly OtherSocket[]>;
  /**
   * Which processes hold these sockets, all of them (pre-forked workers share one): handle → pids.
   * With `among`, only these processes are looked at.
   */
  holders(handles: ReadonlySet<string>, among?: Iterable<number>): Promise<ReadonlyMap<string, readonly number[]>>;
  /**
   * True when a socket can be bound exclusively on 127.0.0.1, ::1, 0.0.0.0 and :: (families that exist). Otherwise the
   * `errno` says why not; `EXCLUDED`: the system has set the port aside.
   */
  canBind(port: number): Promise<{ readonly free: true } | { readonly free: false; readonly errno: string; readonly address: string }>;

  /** The ports that the system gives to outgoing connections, ends included; null where it does not tell. */
  ephemeralPorts(): Promise<readonly [number, number] | null>;
  /** Ranges of ports that the system has set aside and refuses to programs, ends included. */
  excludedPorts(): Promise<readonly (readonly [number, number])[]>;

  /** Whether somebody accepts connections on the port of 127.0.0.1 or ::1. Cheap, and no proof of anything but that. */
  acceptsConnections(port: number): Promise<boolean>;
  /** Null once a connection to the port of `host` is accepted; else what came instead: an errno, or that nothing came in time. */
  connectTo(target: HostPort, timeoutMs: number, signal?: AbortSignal): Promise<string | null>;

  /** The numbers of all processes, also of the dead that nobody collects, always in the same order. Null where they cost as much as the table. */
  pids(): readonly number[] | null;
  /** The process table: living processes only; where that saves reading, without `except`. */
  processes(except?: ReadonlySet<number>): Promise<readonly ProcessRow[]>;
  /** One process as it is now; null when gone or a zombie. */
  process(pid: number): Promise<ProcessRow | null>;
  /**
   * Whether a process has taken note that its child is gone, and sleeps until somebody wakes it: by itself it starts nothing.
   * False also where that cannot be told.
   */
  sleepsUntilWoken(child: number, pid: number): Promise<boolean>;
  /** Null when gone. */
  details(id: ProcessId): Promise<ProcessDetails | null>;
  /** The container that a process runs in, unless it is our own: `details` tells it too, among much else. */
  container(pid: number): Promise<string | null>;
  /** One variable of a process's environment as it was at its start; null when unset, gone or not ours to read. */
  variable(pid: number, name: string): Promise<string | null>;
  /** All processes whose value of it begins so, and perhaps others: saves reading who has none. */
  carriers(name: string, beginning: string): Promise<ReadonlySet<number>>;
  userName(uid: number): Promise<string | null>;

  /** Reads the start time again immediately before it sends. Refuses pids that are not safe integers > 1. */
  signal(id: ProcessId, signal: Signal): Promise<SignalOutcome>;
  /** The whole group, if its leader is still `leader` or a member of the group can be shown to be one of `members`. */
  signalGroup(pgid: number, members: readonly ProcessId[], signal: Signal): Promise<SignalOutcome>;
  /** The portable fallback: a tree by parent numbers (tree-kill), for systems without groups. */
  signalTree(id: ProcessId, signal: Signal): Promise<SignalOutcome>;

  /** All bytes written to a temporary neighbour, then renamed; mode 0600. No fsync: records are void after a reboot. */
  writeFileAtomically(file: string, text: string): Promise<void>;
}
