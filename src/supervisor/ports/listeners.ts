/**
 * The listeners on the stack's ports, and the connections to them. Only one read of a table runs at a time; requests during a
 * read share the next one. The owner of a socket is searched for only once.
 */
import type { ListenSocket, Machine, OtherSocket } from '../../machine/machine.ts';
import type { DeclaredPort } from '../../model/service.ts';
import type { Membership } from '../../processes/membership.ts';
import { ListenerWait } from './listener-wait.ts';
import { NamedHolders } from './named-holders.ts';
import { holdersAmong, type SocketOwner } from './owned-sockets.ts';

export interface PortOwnership {
  readonly port: number;
  readonly kind: 'none' | 'ours' | 'foreign';
  /** True if connections wait to be accepted (Linux only). */
  readonly queued: boolean;
}

export class Listeners {
  readonly listenerWait: ListenerWait;
  readonly named: NamedHolders;
  readonly #machine: Machine;
  readonly #listening: SharedTable<ListenSocket>;
  readonly #connected: SharedTable<OtherSocket>;
  /** The socket count at the last call of `hasChanged`. */
  #count: string | null = null;
  #before: string | null = null;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#listening = new SharedTable((ports) => machine.listenSockets(ports));
    this.#connected = new SharedTable((ports) => machine.otherSockets(ports));
    this.listenerWait = new ListenerWait(machine);
    this.named = new NamedHolders(machine.clock);
  }

  /**
   * Whether a listener on any port was opened or closed since the last call, or connections now wait on a port of the stack on which none
   * waited then. If the system counts its sockets, the table is read only when the count has changed or `mustRead` is set.
   */
  async hasChanged(mustRead: boolean): Promise<boolean> {
    const count = this.#machine.socketCount();
    if (count === null) return true;
    if (count === this.#count && !mustRead) return false;
    this.#count = count;
    const before = this.#before;
    const sockets = await this.#machine.listenSockets();
    this.#before = sockets
      .map(({ port, handle, queued }) => `${port} ${handle} ${queued && this.#listening.ports.has(port) ? 'queued' : ''}`)
      .sort()
      .join();
    return this.#before !== before;
  }

  /** The LISTEN sockets on these ports now. */
  sockets(ports: Iterable<number>): Promise<readonly ListenSocket[]> {
    return this.#listening.of(ports);
  }

  /** The sockets on these ports that do not listen. Slow: the whole table is read. */
  connections(ports: Iterable<number>): Promise<readonly OtherSocket[]> {
    return this.#connected.of(ports);
  }

  /** All ports on which processes of `membership` listen, in ascending order. */
  async allOf(membership: Membership): Promise<readonly number[]> {
    const ports = new Set((await this.socketsOf(membership)).map(({ port }) => port));
    return [...ports].sort((a, b) => a - b);
  }

  /** All LISTEN sockets that processes of `membership` hold. */
  async socketsOf(membership: Membership): Promise<readonly ListenSocket[]> {
    const sockets = await this.#machine.listenSockets();
    const pids = new Set(membership.members.map((member) => member.pid));
    const held = await holdersAmong(this.#machine, sockets, pids);
    return sockets.filter((socket) => held.has(socket.handle));
  }

  /**
   * The owner of each port. A port is `foreign` if the service does not hold every socket on it. `known`: all sockets of these ports, if
   * they were just read.
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
      if (own.length === 0) return { port, kind: 'none', queued: false };
      return { port, kind: own.every((socket) => owner.owns(socket)) ? 'ours' : 'foreign', queued: isQueued(own) };
    });
  }

  /**
   * Like `ownership`, but also searches for the holders of sockets whose owner is known: an owner may have left its socket to another
   * process.
   */
  async verifiedOwnership(ports: readonly DeclaredPort[], owner: SocketOwner): Promise<readonly PortOwnership[]> {
    const sockets = await this.sockets(ports.map(({ port }) => port));
    await owner.verify(this.#machine, sockets);
    return this.ownership(ports, owner, sockets);
  }
}

/** One read of a table at a time, for the ports of all callers together. */
class SharedTable<Socket extends { readonly port: number }> {
  /** Every port that was ever asked for. */
  readonly ports = new Set<number>();
  readonly #read: (ports: ReadonlySet<number>) => Promise<readonly Socket[]>;
  /** The ports of the next read. */
  #requested = new Set<number>();
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly Socket[]> | null = null;

  constructor(read: (ports: ReadonlySet<number>) => Promise<readonly Socket[]>) {
    this.#read = read;
  }

  async of(ports: Iterable<number>): Promise<readonly Socket[]> {
    const own = new Set(ports);
    if (own.size === 0) return [];
    for (const port of own) {
      this.ports.add(port);
      this.#requested.add(port);
    }
    this.#next ??= this.#running.then(() => {
      const read = this.#read(this.#requested);
      this.#requested = new Set();
      this.#next = null;
      this.#running = read.catch(() => undefined);
      return read;
    });
    return (await this.#next).filter((socket) => own.has(socket.port));
  }
}

/** Listeners that share an address (SO_REUSEPORT) share its connections, so one with an empty queue may still accept some. */
function isQueued(sockets: readonly ListenSocket[]): boolean {
  return sockets.some(({ address }) => sockets.every((other) => other.address !== address || (other.queued ?? 0) > 0));
}
