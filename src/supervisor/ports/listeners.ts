/**
 * The listeners on the stack's ports. Only one read of the socket table runs at a time; requests during a read share the
 * next one. The owner of a socket is searched for only once.
 */
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import type { DeclaredPort } from '../../model/service.ts';
import type { Membership } from '../../processes/members.ts';
import { ListenerWait } from './listener-wait.ts';

export interface PortOwnership {
  readonly port: number;
  readonly kind: 'none' | 'ours' | 'foreign';
}

export class Listeners {
  readonly listenerWait: ListenerWait;
  readonly #machine: Machine;
  /** The ports of the next read. */
  #requested = new Set<number>();
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly ListenSocket[]> | null = null;
  /** The socket count at the last call of `hasChanged`. */
  #count: string | null = null;
  #listening: string | null = null;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.listenerWait = new ListenerWait(machine);
  }

  /**
   * Whether a listener on any port was opened or closed since the last call. If the system counts its sockets, the table is
   * read only when the count has changed or `mustRead` is set.
   */
  async hasChanged(mustRead: boolean): Promise<boolean> {
    const count = this.#machine.socketCount();
    if (count === null) return true;
    if (count === this.#count && !mustRead) return false;
    this.#count = count;
    const before = this.#listening;
    const sockets = await this.#machine.listenSockets();
    this.#listening = sockets
      .map(({ port, handle }) => `${port} ${handle}`)
      .sort()
      .join();
    return this.#listening !== before;
  }

  /** The LISTEN sockets on these ports now. */
  async sockets(ports: Iterable<number>): Promise<readonly ListenSocket[]> {
    const own = new Set(ports);
    if (own.size === 0) return [];
    for (const port of own) this.#requested.add(port);
    this.#next ??= this.#running.then(() => {
      const read = this.#machine.listenSockets(this.#requested);
      this.#requested = new Set();
      this.#next = null;
      this.#running = read.catch(() => undefined);
      return read;
    });
    return (await this.#next).filter((socket) => own.has(socket.port));
  }

  /** All ports on which processes of `membership` listen, in ascending order. */
  async allOf(membership: Membership): Promise<readonly number[]> {
    const sockets = await this.#machine.listenSockets();
    const pids = new Set(membership.members.map((member) => member.pid));
    const ports = new Set<number>();
    const held = await holdersAmong(this.#machine, sockets, pids);
    for (const socket of sockets) if (held.has(socket.handle)) ports.add(socket.port);
    return [...ports].sort((a, b) => a - b);
  }

  /**
   * The owner of each port. A port is `foreign` if the service does not hold one of its sockets, even if it holds
   * another. `known`: all sockets of these ports, if they were just read.
   */
  async ownership(
    ports: readonly DeclaredPort[],
    owner: SocketOwner,
    known: readonly ListenSocket[] | null = null,
  ): Promise<readonly PortOwnership[]> {
    const sockets = known ?? (await this.sockets(ports.map(({ port }) => port)));
    await owner.establish(this.#machine, sockets);
    return ports.map(({ port }) => {
      const own = sockets.filter((socket) => socket.port === port);
      if (own.length === 0) return { port, kind: 'none' };
      return { port, kind: own.every((socket) => owner.owns(socket)) ? 'ours' : 'foreign' };
    });
  }
}

/** Decides which sockets on a service's ports are its own. */
export interface SocketOwner {
  owns(socket: ListenSocket): boolean;
  /** Searches for the holders of sockets that are not known to be owned. */
  establish(machine: Machine, sockets: readonly ListenSocket[]): Promise<void>;
}

/** The sockets known to be held by one service's members. */
export class OwnedSockets implements SocketOwner {
  readonly #membership: Membership;
  readonly #owned = new Set<string>();

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  owns(socket: ListenSocket): boolean {
    return this.#owned.has(socket.handle);
  }

  async establish(machine: Machine, sockets: readonly ListenSocket[]): Promise<void> {
    const open = sockets.filter((socket) => !this.#owned.has(socket.handle));
    if (open.length === 0) return;
    const pids = new Set(this.#membership.members.map((member) => member.pid));
    for (const handle of await holdersAmong(machine, open, pids)) this.#owned.add(handle);
  }
}

async function holdersAmong(machine: Machine, sockets: readonly ListenSocket[], pids: ReadonlySet<number>): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const unknown = new Set<string>();
  for (const socket of sockets) {
    if (!socket.pids) unknown.add(socket.handle);
    else if (socket.pids.some((pid) => pids.has(pid))) held.add(socket.handle);
  }
  if (unknown.size === 0) return held;
  for (const [handle, holders] of await machine.holders(unknown, pids)) if (holders.length > 0) held.add(handle);
  return held;
}
