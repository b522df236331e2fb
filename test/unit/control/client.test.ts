import { rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { connect, connectAnyVersion } from '../../../src/control/client.ts';
import { type Endpoint, sessionEndpoint } from '../../../src/control/endpoint.ts';
import type { LogRequest, ServeOptions } from '../../../src/control/exchange.ts';
import { acquireLock } from '../../../src/control/lock.ts';
import type { LockIdentity } from '../../../src/control/lock-identity.ts';
import { FailureError } from '../../../src/control/remote-session.ts';
import { serve } from '../../../src/control/server.ts';
import { systemClock } from '../../../src/machine/clock.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';
import type { Event } from '../../../src/model/event.ts';
import type { LogLine } from '../../../src/model/log-line.ts';
import { FakeSession } from '../../rig/fake-session.ts';
import { must, ownEndpoint, serveSession } from '../../rig/served-session.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function place(): Endpoint {
  const { endpoint, home } = ownEndpoint();
  undo.push(() => rmSync(home, { recursive: true, force: true }));
  return endpoint;
}

async function served(options: Partial<ServeOptions> = {}) {
  const session = new FakeSession();
  const it = await serveSession(session, options);
  undo.push(
    () => it.close(),
    () => session.end(),
  );
  return { session, ...it };
}

async function hold(endpoint: Endpoint, more: Partial<LockIdentity> = {}): Promise<void> {
  const outcome = await acquireLock(endpoint, {
    version: '0.0.0',
    pid: process.pid,
    uid: endpoint.uid,
    control: endpoint.socket,
    startedAtMs: 1,
    ...more,
  });
  if (outcome.kind !== 'acquired') throw new Error(outcome.kind);
  undo.push(() => outcome.lock.release());
}

/** A server that accepts connections and treats each as told. */
async function listen(where: string, then: (socket: net.Socket) => void = () => {}): Promise<void> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    then(socket);
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
}

const options = { clock: systemClock };
const impatient = { clock: systemClock, timeoutMs: 100 };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe.skipIf(process.platform !== 'linux')('a client that looks for a session', () => {
  test('learns that there is none', async () => {
    const endpoint = place();
    expect(await connect(endpoint, '0.0.0', options)).toEqual({
      ok: false,
      failure: { code: 'E401', kind: 'no-session', stack: endpoint.id },
    });
  });

  test('finds it although its own XDG_RUNTIME_DIR is another one', async () => {
    const { endpoint, home } = await served();
    const elsewhere = must(
      sessionEndpoint(endpoint.id, { env: { XDG_RUNTIME_DIR: home }, home: '/nowhere', uid: endpoint.uid, platform: linuxPlatform }),
    );
    expect(elsewhere.socket).not.toBe(endpoint.socket);
    const client = must(await connect(elsewhere, '0.0.0', options));
    expect(must(await client.snapshot()).stack).toBe('fake');
    expect(client.holder).toMatchObject({ pid: process.pid, control: endpoint.socket });
    client.close();
  });

  test('learns that it holds the lock but does not answer', async () => {
    const endpoint = place();
    await listen(endpoint.lock);
    expect(await connect(endpoint, '0.0.0', impatient)).toEqual({
      ok: false,
      failure: { code: 'E402', kind: 'session-not-answering', stack: endpoint.id, pid: null, how: 'silent' },
    });
  });

  test('asks no session to which somebody else has pointed the lock of another stack', async () => {
    const { endpoint: running } = await served();
    const endpoint = place();
    await hold(endpoint, { control: running.socket });
    expect(await connect(endpoint, '0.0.0', options)).toMatchObject({ failure: { code: 'E402', pid: null } });
  });

  test('learns its pid when only its socket does not answer', async () => {
    const endpoint = place();
    await hold(endpoint);
    expect(await connect(endpoint, '0.0.0', impatient)).toMatchObject({ failure: { code: 'E402', pid: process.pid } });
    await listen(endpoint.socket);
    // Simulates ten seconds at once.
    const clock = { now: () => 0, sleep: () => Promise.resolve() };
    expect(await connect(endpoint, '0.0.0', { clock })).toMatchObject({ failure: { code: 'E402', pid: process.pid } });
  });

  test('waits for one that has only just begun', async () => {
    const endpoint = place();
    await hold(endpoint);
    const connecting = connect(endpoint, '0.0.0', options);
    const session = new FakeSession();
    const server = must(
      await serve({ session, endpoint, version: '0.0.0', key: 'k', clock: systemClock, readLogs: async function* () {} }),
    );
    undo.push(() => server.close());
    must(await connecting).close();
  });

  test('does not speak to another user, and names them', async () => {
    const endpoint = place();
    await hold(endpoint, { uid: 4_000_000 });
    await listen(endpoint.socket, () => {
      throw new Error('somebody was spoken to');
    });
    expect(await connect(endpoint, '0.0.0', { ...options, userName: async (uid) => `user${uid}` })).toEqual({
      ok: false,
      failure: { code: 'E403', kind: 'session-of-other-user', stack: endpoint.id, pid: process.pid, uid: 4_000_000, user: 'user4000000' },
    });
  });

  test("does not trust a lock that claims to be ours but leads into another user's folder", {
    skip: process.getuid?.() !== 0,
  }, async () => {
    const endpoint = { ...place(), uid: 4_000_000 };
    await hold(endpoint);
    await listen(endpoint.socket, () => {
      throw new Error('somebody was spoken to');
    });
    expect(await connect(endpoint, '0.0.0', options)).toMatchObject({ failure: { code: 'E403', uid: 0 } });
  });

  test('learns that it has another version, and can only see and stop it', async () => {
    const { endpoint, session } = await served({ version: '2.0.0' });
    expect(await connect(endpoint, '1.0.0', options)).toEqual({
      ok: false,
      failure: { code: 'E404', kind: 'version-mismatch', ours: '1.0.0', theirs: '2.0.0' },
    });
    const client = must(await connectAnyVersion(endpoint, '1.0.0', options));
    undo.push(() => client.close());
    expect(must(await client.snapshot()).services).toHaveLength(2);
    expect(await client.send({ type: 'restart', services: ['one'], withDependents: false })).toMatchObject({ failure: { code: 'E404' } });
    expect(await all(client.events())).toMatchObject([{ type: 'notice', notice: { kind: 'failure', failure: { code: 'E404' } } }]);
    expect(session.commands).toEqual([]);
    expect(await client.send({ type: 'shutdown', how: 'ordered' })).toMatchObject({ ok: true, value: { ended: true } });
  });

  test('learns that the answer is not from a session', async () => {
    const endpoint = place();
    await hold(endpoint);
    await listen(endpoint.socket, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]'));
    expect(await connect(endpoint, '0.0.0', options)).toMatchObject({ failure: { code: 'E411' } });
  });
});

describe.skipIf(process.platform !== 'linux')('a client of a session', () => {
  /** A session that dies, as by SIGKILL, after a request for events or a command. */
  async function mortal(dying: (path: string, socket: net.Socket) => void) {
    const endpoint = place();
    await hold(endpoint);
    const snapshot = JSON.stringify({ services: [], session: { key: 'k' } });
    await listen(endpoint.socket, (socket) =>
      socket.setEncoding('utf8').on('data', (head) => {
        const asked = /^\w+ (\S+)/.exec(String(head))?.[1] ?? '';
        if (asked === '/v1/session?holders=brief')
          socket.end(`HTTP/1.1 200 OK\r\nx-devup-version: 0.0.0\r\nContent-Length: ${snapshot.length}\r\n\r\n${snapshot}`);
        else dying(asked, socket);
      }),
    );
    const client = must(await connect(endpoint, '0.0.0', options));
    undo.push(() => client.close());
    return { client, endpoint };
  }

  test('asks for brief holders first, and for details on request', async () => {
    const { session, endpoint } = await served();
    undo.push(() => session.end());
    for (const first of [undefined, 'brief', 'whole'] as const) {
      const client = must(await connect(endpoint, '0.0.0', first ? { ...options, first } : options));
      must(await client.snapshot());
      must(await client.snapshot({ brief: true }));
      client.close();
    }
    const told = [{ brief: false }, { brief: true }];
    expect(session.looks).toEqual([{ brief: true }, ...told, { brief: true }, ...told, { brief: false }, ...told]);
  });

  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const event = (one: object) => `data: ${JSON.stringify(one)}\n\n`;
  const done = { type: 'done', ok: true, exitCode: 0, failure: null, seq: 8, atMs: 9 };
  const notice: Event = { type: 'notice', service: null, notice: { kind: 'use-detach' }, seq: 7, atMs: 9 };
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

  test.each([
    ['dies', (socket: net.Socket) => void socket.write(head + chunk(event(notice)), () => socket.destroy())],
    ['ends without a `done`', (socket: net.Socket) => void socket.end(`${head}${chunk(event(notice))}0\r\n\r\n`)],
    [
      'dies in the middle of an event',
      (socket: net.Socket) => void socket.write(head + chunk(event(notice) + event(done).slice(0, -1)), () => socket.destroy()),
    ],
  ])('learns from the last event that the session %s', async (_, dying) => {
    const { client, endpoint } = await mortal((_path, socket) => dying(socket));
    expect(await all(client.events())).toEqual([
      notice,
      {
        type: 'notice',
        service: null,
        notice: { kind: 'failure', failure: { code: 'E410', kind: 'session-lost', stack: endpoint.id } },
        seq: 7,
        atMs: 9,
      },
    ]);
  });

  test('accepts a `done` in any pieces', async () => {
    const text = event(notice) + event(done);
    const { client } = await mortal((_path, socket) => {
      socket.setNoDelay(true);
      socket.write(head);
      for (const part of text) socket.write(chunk(part));
      socket.end('0\r\n\r\n');
    });
    expect(await all(client.events())).toEqual([notice, done]);
  });

  test('reports that its command was lost with the session', async () => {
    const { client } = await mortal((_path, socket) => socket.destroy());
    expect(await client.send({ type: 'stop', services: null, withDependents: false })).toMatchObject({
      ok: false,
      failure: { code: 'E410' },
    });
  });

  test('gets the requested lines of a log', async () => {
    const asked: LogRequest[] = [];
    const line = (text: string): LogLine => ({ service: 'one', atMs: 5, text, offset: 0, nextOffset: 4, continued: false, ended: true });
    const { connect: join } = await served({
      readLogs: async function* (request) {
        asked.push(request);
        for (let i = 0; i < 5000; i++) yield line(`${i} grüße\t\u001b[0m`);
      },
    });
    const client = await join();
    const query = { lines: 5000, sinceMs: 12, grep: /grü.e/i };
    const lines = await all(must(await client.logs('one', query)));
    expect(lines).toHaveLength(5000);
    expect(lines.at(-1)).toEqual(line('4999 grüße\t\u001b[0m'));
    expect(asked).toEqual([{ service: 'one', ...query }]);
    expect(await client.logs('onne', query)).toMatchObject({ failure: { code: 'E002', suggestion: 'one' } });
  });

  test('does not mistake half of a log for the whole', async () => {
    const { connect: join } = await served({
      readLogs: async function* () {
        yield { service: 'one', atMs: null, text: 'x', offset: 0, nextOffset: 2, continued: false, ended: true };
        // The first line is on its way.
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('EIO');
      },
    });
    const lines = must(await (await join()).logs('one', { lines: null, sinceMs: null, grep: null }));
    await expect(all(lines)).rejects.toThrow(FailureError);
  });

  test('that stops reading a log stops the reading of its files', async () => {
    let read = 0;
    let ended: () => void = () => {};
    const over = new Promise<void>((resolve) => (ended = resolve));
    const { connect: join } = await served({
      readLogs: async function* () {
        try {
          for (;;)
            yield { service: 'one', atMs: null, text: 'x'.repeat(1000), offset: read++, nextOffset: 0, continued: false, ended: true };
        } finally {
          ended();
        }
      },
    });
    const client = await join();
    for await (const _ of must(await client.logs('one', { lines: null, sinceMs: null, grep: null }))) break;
    await over;
    expect(read).toBeLessThan(5000);
  });

  test('ends its own readers by closing, and nothing in the session', async () => {
    const { connect: join, session } = await served();
    const client = await join();
    const events = all(client.events());
    await client.send({
      type: 'start',
      services: ['one'],
      with: [],
      profiles: [],
      noDeps: false,
      onConflict: null,
      takeOver: false,
      keepGoing: false,
      timeoutMs: null,
    });
    client.close();
    for (const seen of await events) expect(seen.type).toBe('state');
    expect(must(await session.snapshot()).services[0]?.state).toBe('ready');
  });

  test('removes nothing and leaves nothing behind at the end of the session', async () => {
    const { endpoint, close } = await served();
    await close();
    expect(await connect(endpoint, '0.0.0', options)).toMatchObject({ failure: { code: 'E401' } });
    expect(path.basename(endpoint.socket)).toBe(endpoint.id);
  });
});
