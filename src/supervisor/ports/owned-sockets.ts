/** Determines which sockets on a service's ports are the service's own. The owner of a socket is searched for only once. */
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import { isEngineHelper } from '../../processes/container-proxy.ts';
import { mayBeClient } from '../../processes/engine-client.ts';
import type { Membership } from '../../processes/membership.ts';
import type { ClientContainers } from './client-containers.ts';

/** Decides which sockets on a service's ports are its own. */
export interface SocketOwner {
  owns(socket: ListenSocket): boolean;
  /** Searches for the holders of sockets that are not known to be owned. */
  establish(machine: Machine, sockets: readonly ListenSocket[]): Promise<void>;
  /** Forgets the sockets that no process holds for the service any more. `sockets`: all sockets on the service's ports. */
  verify(machine: Machine, sockets: readonly ListenSocket[]): Promise<void>;
}

/** The sockets held by one service's members, or for the containers that its members started. */
export class OwnedSockets implements SocketOwner {
  readonly #membership: Membership;
  readonly #containers: ClientContainers | null;
  /** The member that was seen to hold each socket. */
  readonly #holders = new Map<string, number>();
  readonly #everOwned = new Set<string>();

  constructor(membership: Membership, containers: ClientContainers | null = null) {
    this.#membership = membership;
    this.#containers = containers;
  }

  owns(socket: ListenSocket): boolean {
    return this.#holders.has(socket.handle) || (this.#containers?.owns(socket) ?? false);
  }

  /** True if a member has held the socket, so that its present holder has inherited it. */
  hasOwned({ handle }: ListenSocket): boolean {
    return this.#everOwned.has(handle);
  }

  async establish(machine: Machine, sockets: readonly ListenSocket[]): Promise<void> {
    const open = sockets.filter((socket) => !this.owns(socket));
    if (open.length === 0) return;
    await this.#takeServers(machine, open);
    for (const [handle, pids] of await this.#held(machine, open)) {
      const pid = await this.#ownHolder(machine, pids);
      if (pid === null) continue;
      this.#holders.set(handle, pid);
      this.#everOwned.add(handle);
    }
    const others = open.filter((socket) => !this.owns(socket));
    if (others.length > 0) await this.#containers?.establish(others);
  }

  async verify(machine: Machine, sockets: readonly ListenSocket[]): Promise<void> {
    const known = sockets.filter(({ handle }) => this.#holders.has(handle));
    const pids = new Set(known.flatMap(({ handle }) => this.#holders.get(handle) ?? []).filter((pid) => this.#membership.hasPid(pid)));
    const held = known.length === 0 ? new Map() : await holdersAmong(machine, known, pids);
    for (const handle of this.#holders.keys()) if (!held.has(handle)) this.#holders.delete(handle);
  }

  /** True if the member that held a socket has ended; `thorough`: also if it has closed the socket. */
  async isForsaken(machine: Machine, thorough: boolean): Promise<boolean> {
    const holders = [...this.#holders];
    if (holders.some(([, pid]) => !this.#membership.hasPid(pid))) return true;
    if (!thorough || holders.length === 0) return false;
    const held = await machine.holders(new Set(holders.map(([handle]) => handle)), new Set(holders.map(([, pid]) => pid)));
    return holders.some(([handle]) => (held.get(handle) ?? []).length === 0);
  }

  /** A shared program that serves the service's own port is the service, such as the notebook server that a script has started. */
  async #takeServers(machine: Machine, sockets: readonly ListenSocket[]): Promise<void> {
    const spared = new Map([...this.#membership.spared].filter(([, { name }]) => !isEngineHelper(name)));
    if (spared.size === 0) return;
    const held = await holdersAmong(machine, sockets, new Set(spared.keys()));
    for (const row of [...held.values()].flatMap((pids) => pids.flatMap((pid) => spared.get(pid) ?? []))) this.#membership.add(row);
  }

  #held(machine: Machine, sockets: readonly ListenSocket[]): Promise<ReadonlyMap<string, readonly number[]>> {
    return holdersAmong(machine, sockets, new Set(this.#membership.members.map(({ pid }) => pid)));
  }

  /** A client of a container engine may bind the port that it publishes, but does not serve that port. */
  async #ownHolder(machine: Machine, pids: readonly number[]): Promise<number | null> {
    for (const pid of pids) {
      const row = this.#containers === null ? null : await machine.process(pid);
      if (row && mayBeClient(row.name)) {
        this.#membership.clients.set(pid, row);
        await this.#containers?.look();
        if (this.#containers?.isClient(row)) continue;
      }
      return pid;
    }
    return null;
  }
}

/** The sockets that any of these processes hold, each with its holders among the processes. */
export async function holdersAmong(
  machine: Machine,
  sockets: readonly ListenSocket[],
  pids: ReadonlySet<number>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const held = new Map<string, readonly number[]>();
  const unknown = new Set<string>();
  for (const { handle, pids: named } of sockets) {
    const own = named?.filter((pid) => pids.has(pid)) ?? [];
    if (named === null) unknown.add(handle);
    else if (own.length > 0) held.set(handle, own);
  }
  if (unknown.size === 0) return held;
  for (const [handle, holders] of await machine.holders(unknown, pids)) if (holders.length > 0) held.set(handle, holders);
  return held;
}
