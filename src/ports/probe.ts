/**
 * Is a port free? A bind on every address a service may use, allowed only for a port whose service has no process: a
 * probing bind beside a starting service can make the service's own bind fail.
 */
import type { Machine } from '../machine/machine.ts';

/** Ports that cannot be bound now. */
export async function busyPorts(machine: Machine, ports: Iterable<number>): Promise<ReadonlySet<number>> {
  const busy = new Set<number>();
  for (const port of ports) if (!(await machine.canBind(port)).free) busy.add(port);
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
