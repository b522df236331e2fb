/**
 * Simulated TCP sockets. Which binds conflict follows the matrix measured on Linux; a socket lives as long as a process holds
 * it.
 */
import type { OtherSocket } from '../../src/machine/machine.ts';
import type { FakeProcess } from './fake-processes.ts';

export interface FakeSocket {
  readonly handle: string;
  readonly port: number;
  readonly address: string;
  readonly uid: number;
  readonly kind: 'listening' | 'bound' | 'outgoing' | 'accepted' | 'queued';
  readonly remote: string;
  readonly reusePort: boolean;
  readonly holders: Set<FakeProcess>;
}

export interface ListenOptions {
  readonly address?: string;
  /** SO_REUSEPORT: several sockets on one address, if all of them ask for it. */
  readonly reusePort?: boolean;
}

export class FakeSockets {
  readonly #sockets = new Set<FakeSocket>();
  readonly #waiting = new Set<OtherSocket>();
  #lastInode = 10_000;

  all(): readonly FakeSocket[] {
    return [...this.#sockets];
  }

  timeWait(): readonly OtherSocket[] {
    return [...this.#waiting];
  }

  /** Throws EADDRINUSE, as the kernel does. */
  listen(process: FakeProcess, port: number, { address = '0.0.0.0', reusePort = false }: ListenOptions = {}): FakeSocket {
    const conflict = this.#conflict(port, address, reusePort ? process.uid : null);
    if (conflict !== null) throw Object.assign(new Error(`listen EADDRINUSE ${address}:${port}`), { code: 'EADDRINUSE' });
    return this.#add(process, { port, address, kind: 'listening', remote: '', reusePort });
  }

  /** Bound but not listening: in no table, yet in the way. */
  bind(process: FakeProcess, port: number, address = '0.0.0.0'): FakeSocket {
    return this.#add(process, { port, address, kind: 'bound', remote: '', reusePort: false });
  }

  /** An outgoing connection with `port` as its local end. */
  connect(process: FakeProcess, port: number, remote: string, address = '127.0.0.1'): FakeSocket {
    return this.#add(process, { port, address, kind: 'outgoing', remote, reusePort: false });
  }

  /** A server's end of a connection: it does not keep the port from being bound. */
  accept(process: FakeProcess, port: number, remote: string, address = '127.0.0.1'): FakeSocket {
    return this.#add(process, { port, address, kind: 'accepted', remote, reusePort: false });
  }

  /** A connection that waits in the accept queue of `listener`; no process holds it. */
  enqueue(listener: FakeSocket, remote: string): FakeSocket {
    const { port, address, uid } = listener;
    const handle = `waits for ${listener.handle}`;
    const waiting: FakeSocket = { port, address, uid, kind: 'queued', remote, reusePort: false, handle, holders: new Set() };
    this.#sockets.add(waiting);
    return waiting;
  }

  /** The length of a listener's accept queue. */
  queued({ handle }: FakeSocket): number {
    return this.all().filter((socket) => socket.kind === 'queued' && socket.handle === `waits for ${handle}`).length;
  }

  /** `process` takes the connection from the accept queue. */
  acceptQueued(process: FakeProcess, waiting: FakeSocket): FakeSocket {
    this.#sockets.delete(waiting);
    return this.accept(process, waiting.port, waiting.remote, waiting.address);
  }

  /** A closed connection that the kernel still remembers; returns a function that makes it forget. */
  remember(port: number, remote: string, address = '127.0.0.1'): () => void {
    const socket: OtherSocket = { port, address, remote, state: 'closing', uid: null, handle: null };
    this.#waiting.add(socket);
    return () => this.#waiting.delete(socket);
  }

  close(process: FakeProcess, socket: FakeSocket): void {
    socket.holders.delete(process);
    if (socket.holders.size > 0) return;
    this.#sockets.delete(socket);
    for (const waiting of this.all()) if (waiting.handle === `waits for ${socket.handle}`) this.#sockets.delete(waiting);
  }

  inherit(parent: FakeProcess, child: FakeProcess): void {
    for (const socket of this.#sockets) if (socket.holders.has(parent)) socket.holders.add(child);
  }

  closeAll(process: FakeProcess): void {
    for (const socket of this.all()) this.close(process, socket);
  }

  canBind(port: number, address: string): boolean {
    return this.#conflict(port, address, null) === null;
  }

  #add(process: FakeProcess, socket: Omit<FakeSocket, 'handle' | 'uid' | 'holders'>): FakeSocket {
    const added = { ...socket, handle: String(++this.#lastInode), uid: process.uid, holders: new Set([process]) };
    this.#sockets.add(added);
    return added;
  }

  /** `sharingUid`: the caller sets SO_REUSEPORT, which the kernel grants among sockets of one user. */
  #conflict(port: number, address: string, sharingUid: number | null): FakeSocket | null {
    for (const socket of this.#sockets) {
      if (socket.port !== port || socket.kind === 'accepted' || socket.kind === 'queued' || !overlap(socket.address, address)) continue;
      if (socket.reusePort && socket.uid === sharingUid) continue;
      return socket;
    }
    return null;
  }
}

/** `::` is both families; a wildcard overlaps with every address of its family. */
function overlap(a: string, b: string): boolean {
  if (a === b || a === '::' || b === '::') return true;
  const sameFamily = a.includes(':') === b.includes(':');
  return sameFamily && (a === '0.0.0.0' || b === '0.0.0.0');
}
