import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProcessId } from '../../../src/model/port.ts';
import { identifyPorts } from '../../../src/ports/identify.ts';
import { waitFree } from '../../../src/ports/probe.ts';
import { FakeMachine, type Read } from '../../rig/fake-machine.ts';
import type { FakeProcessOptions } from '../../rig/fake-processes.ts';
import { inTime } from '../processes/in-time.ts';

const PORT = 8000;

async function look(machine: FakeMachine, busy = true) {
  const states = await identifyPorts(machine, [PORT], busy ? { busy: new Set([PORT]) } : {});
  return states.get(PORT);
}

describe('the holder of a port', () => {
  test('is every process with a socket of its own or a shared one, each with its addresses', async () => {
    const machine = new FakeMachine();
    const first = machine.spawn();
    const second = machine.spawn();
    machine.listen(first, PORT, { reusePort: true });
    machine.listen(second, PORT, { reusePort: true });
    machine.listen(second, PORT, { address: '::1' });
    const worker = second.fork();
    expect(await look(machine)).toMatchObject({
      kind: 'held',
      holders: [
        { pid: first.pid, addresses: ['0.0.0.0'] },
        { pid: second.pid, addresses: ['0.0.0.0', '::1'] },
        { pid: worker.pid, addresses: ['0.0.0.0', '::1'] },
      ],
    });
  });

  test('is never a process on another port, however similar the numbers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 2, maxLength: 6 }), async ([asked, ...others]) => {
        const machine = new FakeMachine();
        for (const port of others) machine.listen(machine.spawn(), port);
        expect((await identifyPorts(machine, [asked as number])).get(asked as number)).toEqual({ port: asked, kind: 'free' });
      }),
    );
  });

  test('is described with what a person needs to recognise it', async () => {
    const machine = new FakeMachine();
    const server = machine.spawn({ argv: ['node', 'server.js'], cwd: '/home/me/app', env: { DEVUP_RUN: '0123456789abcdef:s1:web' } });
    machine.listen(server, PORT, { address: '127.0.0.1' });
    expect(await look(machine)).toMatchObject({
      holders: [
        {
          command: 'node server.js',
          cwd: '/home/me/app',
          user: 'me',
          addresses: ['127.0.0.1'],
          stack: { id: '0123456789abcdef', service: 'web' },
          ancestors: [{ pid: machine.pid, command: 'node devup' }, { command: 'bash' }, { pid: 1 }],
        },
      ],
    });
  });
});

describe('a process that the caller knows', () => {
  const stack = { id: '0123456789abcdef', service: 'web' };

  function begin(options: FakeProcessOptions = {}) {
    const machine = new FakeMachine();
    const server = machine.spawn({ name: 'node', argv: ['node', 'server.js'], ...options });
    machine.listen(server, PORT);
    const reads: Read[] = [];
    machine.beforeRead = (read) => void reads.push(read);
    return { machine, server, reads };
  }

  async function lookKnowing(machine: FakeMachine, { pid, start }: ProcessId) {
    return (await identifyPorts(machine, [PORT], { known: new Map([[pid, { pid, start, stack }]]) })).get(PORT);
  }

  test('is named by its role, without reading the details that describe foreign processes', async () => {
    const { machine, server, reads } = begin({ container: '0123456789ab' });
    expect(await lookKnowing(machine, server)).toMatchObject({
      kind: 'held',
      holders: [{ pid: server.pid, start: server.start, name: 'node', command: 'node', stack, container: '0123456789ab' }],
    });
    expect(reads).not.toContain('details');
    expect(reads).not.toContain('variable');
  });

  test('is described like any other if its pid now belongs to an unknown process', async () => {
    const { machine, server } = begin();
    expect(await lookKnowing(machine, { pid: server.pid, start: server.start - 1 })).toMatchObject({
      holders: [{ pid: server.pid, command: 'node server.js', stack: null }],
    });
  });

  test('is found beside unknown processes, each of which is described', async () => {
    const { machine, server } = begin();
    const stranger = machine.spawn({ argv: ['other'] });
    machine.listen(stranger, PORT, { address: '::1' });
    expect(await lookKnowing(machine, server)).toMatchObject({
      holders: [
        { pid: server.pid, stack },
        { pid: stranger.pid, command: 'other', stack: null },
      ],
    });
  });
});

describe('without a known holder, the reason is', () => {
  test("another user's listener", async () => {
    const machine = new FakeMachine();
    machine.listen(machine.spawn({ uid: 0 }), PORT);
    expect(await look(machine)).toMatchObject({
      kind: 'hidden',
      reason: { kind: 'other-user', uid: 0, user: 'root' },
      addresses: ['0.0.0.0'],
    });
  });

  test("another user's listener beside one of ours, since ending ours would not free the port", async () => {
    const machine = new FakeMachine();
    machine.listen(machine.spawn(), PORT, { address: '::1' });
    machine.listen(machine.spawn({ uid: 0 }), PORT, { address: '127.0.0.1' });
    expect(await look(machine)).toMatchObject({ kind: 'hidden', reason: { kind: 'other-user', uid: 0 } });
  });

  test('the local end of an outgoing connection', async () => {
    const machine = new FakeMachine();
    const client = machine.spawn();
    machine.connect(client, PORT, '10.0.0.1:443');
    expect(await look(machine)).toMatchObject({ reason: { kind: 'outgoing', holders: [{ pid: client.pid }], remote: '10.0.0.1:443' } });
  });

  test('a connection that is being closed', async () => {
    const machine = new FakeMachine();
    machine.sockets.remember(PORT, '10.0.0.1:443');
    expect(await look(machine)).toMatchObject({ reason: { kind: 'closing' } });
  });

  test('a socket that is bound without listening', async () => {
    const machine = new FakeMachine();
    machine.sockets.bind(machine.spawn(), PORT);
    expect(await look(machine)).toMatchObject({ reason: { kind: 'bound-not-listening' } });
  });

  test('a port that only root may bind', async () => {
    const machine = new FakeMachine();
    const states = await identifyPorts(machine, [80], { busy: new Set([80]) });
    expect(states.get(80)).toMatchObject({ reason: { kind: 'no-permission' } });
  });

  test('a port that the system has reserved', async () => {
    const machine = new FakeMachine();
    machine.excluded = [[PORT, PORT + 9]];
    expect(await look(machine)).toMatchObject({ reason: { kind: 'excluded-range' } });
  });
});

test('a listener that closed between the two passes leaves a free port, not a hidden holder', async () => {
  const machine = new FakeMachine();
  const server = machine.spawn();
  machine.listen(server, PORT);
  machine.beforeRead = (read) => {
    if (read === 'holders') server.exit();
  };
  expect(await look(machine, false)).toEqual({ port: PORT, kind: 'free' });
});

test('a server that was restarted between the two passes is described as it is now', async () => {
  const machine = new FakeMachine();
  const server = machine.spawn();
  machine.listen(server, PORT);
  let restarted: number | null = null;
  machine.beforeRead = (read) => {
    if (read !== 'holders' || restarted !== null) return;
    server.exit();
    const next = machine.spawn();
    restarted = next.pid;
    machine.listen(next, PORT);
  };
  expect(await look(machine, false)).toMatchObject({ kind: 'held', holders: [{ pid: restarted }] });
});

describe('waiting for a port', () => {
  test('ends when the closing connection has gone', async () => {
    const machine = new FakeMachine();
    const client = machine.spawn();
    machine.connect(client, PORT, '10.0.0.1:443');
    const waiting = waitFree(machine, [PORT]);
    await machine.advance(1000);
    client.exit();
    expect(await inTime(machine, waiting)).toEqual(new Set());
  });

  test('takes no time on a port with a listener, and a few seconds without one', async () => {
    const machine = new FakeMachine();
    machine.listen(machine.spawn(), PORT);
    expect(await waitFree(machine, [PORT])).toEqual(new Set([PORT]));
    machine.sockets.bind(machine.spawn(), 8001);
    const began = machine.clock.now();
    expect(await inTime(machine, waitFree(machine, [8001]))).toEqual(new Set([8001]));
    expect(machine.clock.now() - began).toBeLessThan(4000);
  });
});
