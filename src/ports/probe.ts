/**
 * Probes whether a port is free, by binding every address that a service may use. Probe only ports of services without a
 * process: beside a starting service, the probe can make the service's own bind fail.
 */
import type { Machine } from '../machine/machine.ts';

/** The number of ports probed at the same time, since each probe needs a descriptor. */
const AT_ONCE = 32;

/** The ports that cannot be bound now. */
export async function busyPorts(machine: Machine, ports: Iterable<number>): Promise<ReadonlySet<number>> {
  const all = [...new Set(ports)];
  const busy = new Set<number>();
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const some = all.slice(first, first + AT_ONCE);
    const probed = await Promise.all(some.map((port) => machine.canBind(port)));
    for (const [i, port] of some.entries()) if (!probed[i]?.free) busy.add(port);
  }
  return busy;
}

const CLOSING_MS = 3000;
const PAUSE_MS = 25;

/**
 * Waits, for a few seconds at most, until ports held only by closing sockets are free. Resolves with the ports that are
 * still busy, at once if all of those have listeners.
 */
export async function waitFree(machine: Machine, ports: Iterable<number>, signal?: AbortSignal): Promise<ReadonlySet<number>> {
  const deadline = machine.clock.now() + CLOSING_MS;
  let busy = await busyPorts(machine, ports);
  while (busy.size > 0 && machine.clock.now() < deadline) {
    const listening = new Set((await machine.listenSockets(busy)).map((socket) => socket.port));
    if ([...busy].every((port) => listening.has(port))) break;
    await machine.clock.sleep(PAUSE_MS, signal);
    busy = await busyPorts(machine, busy);
  }
  return busy;
}
