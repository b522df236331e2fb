/**
 * Is a port free? A bind on every address a service may use, allowed only for a port whose service has no process: a
 * probing bind beside a starting service can make the service's own bind fail.
 */
import type { Machine } from '../machine/machine.ts';

/** Probed at the same time; each takes a descriptor for a moment. */
const AT_ONCE = 32;

/** Ports that cannot be bound now. */
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
 * Waits until the ports are free, for as long as only closing sockets stand in the way (a few seconds); returns those
 * that are still busy. A port with a listener is reported at once.
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
