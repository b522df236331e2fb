/** Waiting for listeners, many services at a time. */
import { expect, test } from 'vitest';
import { ListenerWait } from '../../../../src/supervisor/ports/listener-wait.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

const never = new AbortController().signal;

function world() {
  const machine = new FakeMachine();
  return { machine, listenerWait: new ListenerWait(machine), server: machine.spawn({ name: 'server' }) };
}

/** The outcome of the wait so far. */
async function settled<T>(promise: Promise<T>): Promise<T | 'waits'> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  return Promise.race([promise, Promise.resolve('waits' as const)]);
}

test('a wait ends with the sockets once each port has one; others continue', async () => {
  const { machine, listenerWait, server } = world();
  const both = listenerWait.wait([8000, 8001], 1000, never);
  const other = listenerWait.wait([9000], 1000, never);
  await machine.advance(5);
  machine.listen(server, 8000);
  await machine.advance(30);
  expect(await settled(both)).toBe('waits');
  machine.listen(server, 8001);
  await machine.advance(30);
  expect(await both).toMatchObject([{ port: 8000 }, { port: 8001 }]);
  expect(await settled(other)).toBe('waits');
  await machine.advance(1000);
  expect(await other).toBe(null);
});

test('a socket that came before its wait is seen at once, also during another wait', async () => {
  const { machine, listenerWait, server } = world();
  const spawned = machine.clock.now();
  await machine.advance(1);
  for (const port of [8000, 8001, 8002]) machine.listen(server, port);
  const waits = [8000, 8001, 8002].map((port) => listenerWait.wait([port], 1000, never, spawned));
  await machine.advance(2);
  expect(await Promise.all(waits.map(settled))).toMatchObject([[{ port: 8000 }], [{ port: 8001 }], [{ port: 8002 }]]);
});

test('the table is not read for a service spawned after the last scan, as long as no socket has come', async () => {
  const { machine, listenerWait, server } = world();
  machine.listen(server, 8000);
  await listenerWait.wait([8000], 1000, never);
  await machine.advance(1);
  const reads: string[] = [];
  machine.beforeRead = (what) => void reads.push(what);
  const wait = listenerWait.wait([8001], 1000, never);
  await machine.advance(20);
  expect(reads).not.toContain('listenSockets');
  machine.listen(server, 8001);
  await machine.advance(20);
  expect(await wait).toMatchObject([{ port: 8001 }]);
});

test('an aborted wait rejects with the reason, and delays no other', async () => {
  const { machine, listenerWait, server } = world();
  const abort = new AbortController();
  const aborted = listenerWait.wait([8000], 1000, abort.signal);
  const other = listenerWait.wait([9000], 1000, never);
  abort.abort('left');
  await expect(aborted).rejects.toBe('left');
  machine.listen(server, 9000);
  await machine.advance(30);
  expect(await other).toMatchObject([{ port: 9000 }]);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('a wait that begins %i steps after the last one has ended is resolved, too', async (steps) => {
  const { machine, listenerWait, server } = world();
  const first = listenerWait.wait([8000], 1000, never);
  let second: Promise<unknown> | null = null;
  let after: Promise<unknown> = first;
  for (let step = 0; step < steps; step++) after = after.then(() => undefined);
  void after.then(() => {
    second = listenerWait.wait([9000], 1000, never);
  });
  machine.listen(server, 8000);
  await machine.advance(30);
  await settled(after);
  machine.listen(server, 9000);
  await machine.advance(1000);
  expect(await settled(second as unknown as Promise<unknown>)).toMatchObject([{ port: 9000 }]);
});

test('if the sockets cannot be read, all waits reject', async () => {
  const { machine, listenerWait } = world();
  const waiting = [8000, 9000].map((port) => listenerWait.wait([port], 1000, never));
  machine.beforeRead = () => {
    throw new Error('no table');
  };
  const told = Promise.allSettled(waiting);
  await machine.advance(1100);
  expect(await settled(told)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  machine.beforeRead = null;
  const later = listenerWait.wait([8000], 100, never);
  await machine.advance(200);
  expect(await later).toBe(null);
});
