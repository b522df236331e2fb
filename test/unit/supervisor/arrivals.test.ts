import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Arrivals } from '../../../src/supervisor/arrivals.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';
import type { FakeProcess } from '../../rig/fake-processes.ts';

describe('waiting for listeners', () => {
  let machine: FakeMachine;
  let process: FakeProcess;
  let arrivals: Arrivals;
  let reads: number;
  const { signal } = new AbortController();

  beforeEach(() => {
    machine = new FakeMachine();
    process = machine.spawn();
    arrivals = new Arrivals(machine);
    reads = 0;
    const read = machine.listenSockets.bind(machine);
    machine.listenSockets = (ports) => {
      reads++;
      return read(ports);
    };
  });
  afterEach(() => expect(machine.clock.pending).toBe(0));

  test('ends a millisecond after the last of the ports has its listener', async () => {
    const began = machine.clock.now();
    const wait = arrivals.wait([8000, 8001], 1000, signal);
    await machine.advance(5);
    machine.sockets.listen(process, 8000);
    await machine.advance(5);
    machine.sockets.listen(process, 8001);
    await machine.advance(1);
    expect((await wait)?.map(({ port }) => port)).toEqual([8000, 8001]);
    expect(machine.clock.now() - began).toBe(11);
  });

  test('reads the table only when the count of sockets has changed, once for a hundred services', async () => {
    const waits = Array.from({ length: 100 }, (_, i) => arrivals.wait([8000 + i], 1000, signal));
    await machine.advance(20);
    expect(reads).toBe(1);
    for (let i = 0; i < 100; i++) machine.sockets.listen(process, 8000 + i);
    await machine.advance(2);
    await Promise.all(waits);
    expect(reads).toBe(2);
  });

  test('finds at its end a listener that came while another socket went', async () => {
    const other = machine.sockets.listen(process, 9000);
    const wait = arrivals.wait([8000], 100, signal);
    await machine.advance(10);
    machine.sockets.close(process, other);
    machine.sockets.listen(process, 8000);
    await machine.advance(90);
    expect((await wait)?.length).toBe(1);
  });

  test('tells that nobody came, and lets go of who no longer waits', async () => {
    const wait = arrivals.wait([8000], 100, signal);
    const leaving = new AbortController();
    const left = arrivals.wait([8001], 1000, leaving.signal);
    left.catch(() => undefined);
    await machine.advance(100);
    expect(await wait).toBe(null);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await machine.advance(25);
  });
});
