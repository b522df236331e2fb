/**
 * Finds listeners and their services. A process belongs to a service by its marker, the session's record, or its parent.
 * Other processes matter only on declared ports.
 */
import type { LiveListener } from '../../check/live/rule.ts';
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import type { Holder } from '../../model/port.ts';
import { MARKER_VARIABLE, parseMarker } from '../../model/stack-id.ts';
import { holdersOf } from '../../ports/identify.ts';
import { describe } from '../../processes/describe.ts';
import type { SessionRecord } from '../../processes/record.ts';

/** Names a holder; null: one that cannot be seen. */
export type NameHolder = (holder: Holder | null) => string;

export interface RunningStack {
  readonly stackId: string;
  readonly key: string;
  readonly record: SessionRecord | null;
}

export async function listeningNow(
  machine: Machine,
  session: RunningStack,
  declared: ReadonlySet<number>,
  nameOf: NameHolder,
): Promise<readonly LiveListener[]> {
  const sockets = await machine.listenSockets();
  const holders = await holdersOf(machine, sockets);
  const owners = new Owners(machine, session);
  const found: LiveListener[] = [];
  for (const socket of sockets) {
    const pids = holders.get(socket.handle) ?? [];
    const service = await firstOwner(pids, owners);
    if (service === null && !declared.has(socket.port)) continue;
    found.push({
      port: socket.port,
      address: socket.address,
      service,
      description: service ?? (await nameStranger(machine, socket, pids, nameOf)),
    });
  }
  return found;
}

async function firstOwner(pids: readonly number[], owners: Owners): Promise<string | null> {
  for (const pid of pids) {
    const service = await owners.of(pid);
    if (service !== null) return service;
  }
  return null;
}

async function nameStranger(machine: Machine, socket: ListenSocket, pids: readonly number[], nameOf: NameHolder): Promise<string> {
  for (const pid of pids) {
    const holder = await describe(machine, pid, [socket.address]);
    if (holder) return nameOf(holder);
  }
  return nameOf(null);
}

/** Looks up each process once. */
class Owners {
  readonly #machine: Machine;
  readonly #session: RunningStack;
  readonly #known = new Map<number, Promise<string | null>>();

  constructor(machine: Machine, session: RunningStack) {
    this.#machine = machine;
    this.#session = session;
  }

  of(pid: number): Promise<string | null> {
    const known = this.#known.get(pid) ?? this.#find(pid);
    this.#known.set(pid, known);
    return known;
  }

  async #find(pid: number): Promise<string | null> {
    const { stackId, key, record } = this.#session;
    const marker = parseMarker((await this.#machine.variable(pid, MARKER_VARIABLE)) ?? '');
    if (marker?.stackId === stackId && marker.session === key) return marker.service;
    const row = await this.#machine.process(pid);
    if (!row) return null;
    const recorded = record?.services.find(({ main, members }) =>
      [main, ...members].some((one) => one.pid === row.pid && one.start === row.start),
    );
    return recorded ? recorded.name : row.ppid > 1 ? this.of(row.ppid) : null;
  }
}
