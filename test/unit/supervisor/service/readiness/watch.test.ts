/** The watch of one service's port by the pulse, on a simulated machine. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../../../../../src/model/lifecycle-states.ts';
import { MemberTracker } from '../../../../../src/processes/members.ts';
import { Membership } from '../../../../../src/processes/membership.ts';
import { Listeners } from '../../../../../src/supervisor/ports/listeners.ts';
import { OwnedSockets } from '../../../../../src/supervisor/ports/owned-sockets.ts';
import type { Actor } from '../../../../../src/supervisor/service/actor.ts';
import { watch } from '../../../../../src/supervisor/service/readiness/watch.ts';
import { Ticker, WATCH_MS } from '../../../../../src/supervisor/session/ticker.ts';
import { FakeMachine, type Read } from '../../../../rig/fake-machine.ts';
import type { FakeProcess } from '../../../../rig/fake-processes.ts';
import type { FakeSocket } from '../../../../rig/fake-sockets.ts';
import { aService } from '../../../../rig/services.ts';

const PORT = 4000;
const ENV = { DEVUP_RUN: '0123456789abcdef:s1:web' };

describe('the watch of a port', () => {
  let machine: FakeMachine;
  let main: FakeProcess;
  let stranger: FakeProcess;
  let socket: FakeSocket;
  let told: Input['name'][];
  let reads: Read[];
  let ticker: Ticker;
  let kind: 'child' | 'daemon';
  const leaving = new AbortController();

  beforeEach(async () => {
    machine = new FakeMachine();
    kind = 'child';
    const parent = machine.spawn({ reaps: false });
    main = machine.spawn({ parent, env: ENV, session: true });
    stranger = machine.spawn();
    socket = machine.listen(main, PORT);
    told = [];
    reads = [];
    const tracker = new MemberTracker(machine);
    const ports = new Listeners(machine);
    const membership = new Membership({ stackId: '0123456789abcdef', session: 's1', service: 'web' });
    membership.add(main.row());
    tracker.track(membership);
    ticker = new Ticker(
      machine.clock,
      async () => ports.hasChanged(await tracker.poll()),
      () => undefined,
    );
    const state: { name: string; why: { code: string } | null } = { name: 'ready', why: null };
    const actor = {
      service: aService('web', { ports: [{ name: 'main', port: PORT, required: true }] }),
      context: {
        machine,
        tracker,
        ports,
        events: { append: () => undefined },
        nextTick: (signal: AbortSignal, watchAt?: number | null) => ticker.nextTick(signal, watchAt),
      },
      processes: {
        membership,
        sockets: new OwnedSockets(membership),
        output: { lastLines: () => [], findFirstError: () => null },
        has: () => false,
        searchDaemon: () => null,
      },
      get main() {
        return { pid: main.pid, start: main.start, kind };
      },
      state: Object.assign(state, { tries: { inARow: 0 } }),
      send: (input: Input) => {
        told.push(input.name);
        Object.assign(state, 'why' in input ? { name: 'unhealthy', why: input.why } : { name: 'ready', why: null });
      },
    };
    void ticker.run();
    watch(actor as unknown as Actor, leaving.signal).catch(() => undefined);
    await machine.advance(WATCH_MS);
    machine.beforeRead = (read) => void reads.push(read);
  });
  afterEach(() => {
    ticker.end();
  });

  const pulses = (count: number) => machine.advance(count * WATCH_MS);

  test('reads nothing while no process or socket comes or goes, except at every fourth pulse', async () => {
    await pulses(2);
    expect(reads).toEqual([]);
    await pulses(1);
    expect(reads.filter((read) => read === 'listenSockets')).toEqual(['listenSockets']);
    await pulses(3);
    expect(reads.filter((read) => read === 'listenSockets')).toEqual(['listenSockets']);
    expect(told).toEqual([]);
  });

  test('reports a lost port at the second pulse without a listener, even without changes in between, and its return at the next', async () => {
    machine.sockets.close(main, socket);
    await pulses(1);
    expect(told).toEqual([]);
    await pulses(1);
    expect(told).toEqual(['portLost']);
    await pulses(1);
    machine.listen(main, PORT);
    await pulses(1);
    expect(told).toEqual(['portLost', 'portBack']);
  });

  test('reports a foreign process on the port at the next pulse: beside ours, or just forked in its place', async () => {
    const beside = machine.listen(stranger, PORT, { address: '::1' });
    await pulses(1);
    expect(told).toEqual(['portForeign']);
    machine.sockets.close(stranger, beside);
    await pulses(1);
    expect(told).toEqual(['portForeign', 'portBack']);
    machine.sockets.close(main, socket);
    machine.listen(machine.spawn(), PORT);
    await pulses(1);
    expect(told).toEqual(['portForeign', 'portBack', 'portForeign']);
  });

  test('reports a dead daemon at the next pulse, even as a zombie and with its port still held', async () => {
    kind = 'daemon';
    socket.holders.add(stranger);
    // A change, so that the watch reads the port.
    machine.listen(stranger, PORT + 1);
    await pulses(3);
    reads.length = 0;
    await pulses(1);
    expect(reads).toEqual(['process']);
    main.exit();
    expect(main.state).toBe('zombie');
    await pulses(1);
    expect(told).toEqual(['exited']);
  });

  test('reports an older foreign process that took the port as ours left it, at the fourth pulse at the latest', async () => {
    machine.sockets.close(main, socket);
    machine.listen(stranger, PORT);
    await pulses(2);
    expect(told).toEqual([]);
    await pulses(1);
    expect(told).toEqual(['portForeign']);
  });

  describe('connections that wait to be accepted', () => {
    let nextClient = 50_000;
    const connect = (listener = socket) => machine.sockets.enqueue(listener, `127.0.0.1:${nextClient++}`);

    test('F45: a port that accepts nothing for five seconds is reported, even if the socket count stays the same, and its return at the next pulse', async () => {
      const waiting = [connect(), connect()];
      await pulses(2);
      expect(told).toEqual([]);
      await pulses(1);
      expect(told).toEqual(['portStuck']);
      await pulses(8);
      expect(told).toEqual(['portStuck']);
      for (const each of waiting) machine.sockets.acceptQueued(main, each);
      await pulses(1);
      expect(told).toEqual(['portStuck', 'portBack']);
    });

    test('are seen at the fourth pulse at the latest if another socket was closed at the same moment', async () => {
      const other = machine.connect(stranger, 40_000, '127.0.0.1:1');
      await pulses(4);
      machine.sockets.close(stranger, other);
      connect();
      await pulses(3);
      expect(told).toEqual([]);
      await pulses(3);
      expect(told).toEqual(['portStuck']);
    });

    test('F45: a port that accepts connections, some later than others, is not reported', async () => {
      let before = connect();
      for (let pulse = 0; pulse < 12; pulse++) {
        const next = connect();
        machine.sockets.close(main, machine.sockets.acceptQueued(main, before));
        before = next;
        await pulses(1);
      }
      expect(told).toEqual([]);
    });

    test('F45: a port is not reported while an accepted connection is open, since the service may be busy with it', async () => {
      const open = machine.sockets.accept(main, PORT, '127.0.0.1:49999');
      connect();
      await pulses(12);
      expect(told).toEqual([]);
      machine.sockets.close(main, open);
      await pulses(6);
      expect(told).toEqual(['portStuck']);
    });

    test('F45: one of two listeners on the same address is not reported, since the other may accept; both are', async () => {
      machine.sockets.close(main, socket);
      const [first, second] = [0, 1].map(() => machine.listen(main, PORT, { reusePort: true })) as [FakeSocket, FakeSocket];
      connect(first);
      await pulses(8);
      expect(told).toEqual([]);
      connect(second);
      await pulses(6);
      expect(told).toEqual(['portStuck']);
    });

    test('are not looked for while the queues are empty', async () => {
      machine.listen(main, PORT + 1);
      machine.sockets.accept(main, PORT, '127.0.0.1:49999');
      await pulses(8);
      expect(reads).not.toContain('otherSockets');
    });
  });
});
