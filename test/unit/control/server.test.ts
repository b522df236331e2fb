import { lstatSync } from 'node:fs';
import { type Agent, type IncomingMessage, request } from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ServeOptions } from '../../../src/control/exchange.ts';
import { eventually } from '../../rig/eventually.ts';
import { FakeSession, type FakeSessionOptions } from '../../rig/fake-session.ts';
import { must, type ServedSession, serveSession } from '../../rig/served-session.ts';

let session: FakeSession;
let served: ServedSession;

async function begin(options: Partial<ServeOptions> = {}, fake: FakeSessionOptions = {}): Promise<void> {
  session = new FakeSession(fake);
  served = await serveSession(session, options);
}
afterEach(async () => {
  session.end();
  await served.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

function open(
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: string; agent?: Agent } = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      socketPath: served.endpoint.socket,
      method,
      path,
      headers: options.headers ?? {},
      agent: options.agent ?? false,
    });
    outgoing.on('response', resolve).on('error', reject);
    outgoing.end(options.body);
  });
}

async function ask(...question: Parameters<typeof open>): Promise<Answer> {
  const message = await open(...question);
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return { status: message.statusCode ?? 0, headers: message.headers, text };
}

/** The raw answer to raw bytes, until the server closes. */
function raw(bytes: string, then?: (socket: net.Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(served.endpoint.socket);
    socket.setEncoding('latin1').on('data', (chunk) => (text += chunk));
    socket.on('error', () => {}).on('close', () => resolve(text));
    socket.on('connect', () => {
      socket.write(bytes, 'latin1');
      then?.(socket);
    });
  });
}

const wire = (text: string) =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((message) => ({ id: /^id: (.*)$/m.exec(message)?.[1], ...JSON.parse(/^data: (.*)$/m.exec(message)?.[1] as string) }));

describe.skipIf(process.platform === 'win32')('the control socket', () => {
  test('F40: the socket is private to the user, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await begin();
      expect(process.umask()).toBe(0);
    } finally {
      process.umask(before);
    }
    expect(lstatSync(served.endpoint.socket).mode & 0o777).toBe(0o600);
    expect(lstatSync(served.endpoint.folder as string).mode & 0o777).toBe(0o700);
  });

  test('shows the session, with the version on every answer', async () => {
    await begin();
    const answer = await ask('GET', '/v1/session');
    expect(answer).toMatchObject({ status: 200, headers: { 'x-devup-version': '0.0.0' } });
    expect(JSON.parse(answer.text)).toMatchObject({
      schemaVersion: 1,
      stack: 'fake',
      services: [{ name: 'one', state: 'stopped' }, { name: 'two' }],
    });
  });

  test('starts, restarts and stops one service or all', async () => {
    await begin();
    expect(JSON.parse((await ask('POST', '/v1/services/two/start')).text)).toMatchObject({ started: ['one', 'two'] });
    expect(JSON.parse((await ask('POST', '/v1/services/one/restart', { body: '{"withDependents":true}' })).text)).toMatchObject({
      started: ['one', 'two'],
    });
    expect(JSON.parse((await ask('POST', '/v1/services/two/stop')).text)).toMatchObject({ stopped: ['two'], ended: false });
    expect(JSON.parse((await ask('POST', '/v1/start', { body: '{"services":["one"]}' })).text)).toMatchObject({ already: ['one'] });
    expect(JSON.parse((await ask('POST', '/v1/shutdown')).text)).toMatchObject({ stopped: ['one'], ended: true });
  });

  test.each([
    ['GET', '/', 404],
    ['GET', '/v1/services/one', 404],
    ['POST', '/v1/services/one/kill', 404],
    ['GET', '/v1/services/{name}/logs', 404],
    ['GET', '/v2/session', 404],
    ['POST', '/v1/session', 405],
    ['GET', '/v1/stop', 405],
    ['DELETE', '/v1/services/one/stop', 405],
    ['GET', '/v1/services/%E0%A4%A/logs', 400],
    ['GET', '/v1/services/constructor/logs', 404],
    ['GET', '/v1/services/..%2F..%2Fsecrets/logs', 404],
    ['POST', '/v1/services/__proto__/start', 404],
    ['GET', '/v1/events?since=x', 400],
    ['GET', `/v1/session?${'x'.repeat(9000)}`, 414],
  ])('refuses %s %s with %i and a failure in JSON', async (method, path, status) => {
    await begin();
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({
      schemaVersion: 1,
      error: { code: expect.stringMatching(/^E\d{3}$/) },
      failure: { code: expect.any(String) },
    });
  });

  test('uses the given words for the command to type', async () => {
    await begin({ describe: (failure) => ({ what: `what ${failure.code}`, why: 'why', fix: 'fix' }) });
    expect(JSON.parse((await ask('POST', '/v1/start', { body: '{"services":["on"]}' })).text)).toMatchObject({
      error: { code: 'E002', message: 'what E002', why: 'why', fix: 'fix' },
      failure: { name: 'on', suggestion: 'one' },
    });
  });

  test('F43: answers three fixed routes for any version, and the others only for its own', async () => {
    await begin();
    const headers = { 'x-devup-version': '9.9.9' };
    expect((await ask('GET', '/v1/session', { headers })).status).toBe(200);
    const refused = await ask('POST', '/v1/start', { headers });
    expect([refused.status, JSON.parse(refused.text).failure]).toEqual([
      409,
      { code: 'E404', kind: 'version-mismatch', ours: '9.9.9', theirs: '0.0.0' },
    ]);
    expect((await ask('GET', '/v1/events', { headers })).status).toBe(409);
    expect(session.commands).toEqual([]);
    expect((await ask('POST', '/v1/start', { headers: { 'x-devup-version': '0.0.0' } })).status).toBe(200);
    const later = '{"services":["two"],"politely":true}';
    expect((await ask('POST', '/v1/stop', { body: later })).status).toBe(400);
    expect((await ask('POST', '/v1/stop', { headers, body: later })).status).toBe(200);
    expect((await ask('POST', '/v1/shutdown', { headers })).status).toBe(200);
  });

  test('F43: survives nonsense, half a request and an endless header', async () => {
    await begin();
    expect(await raw('\0\x01\x02\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(`GET /v1/session HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    expect(await raw('GET /v1/session HTTP/1.1\r\nHo', (socket) => socket.end())).toMatch(/^(HTTP\/1.1 400 .*)?/s);
    expect(await raw('POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{', (socket) => socket.end())).toBe(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    );
    expect(await raw('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
    expect(session.commands).toEqual([]);
    expect((await ask('GET', '/v1/session')).status).toBe(200);
  });

  test('F43: closes a connection that sends nothing or never completes its request', { timeout: 20_000 }, async () => {
    await begin();
    const [silent, slow] = await Promise.all([raw(''), raw('POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{')]);
    expect(silent).toMatch(/^HTTP\/1.1 408 /);
    expect(slow).toMatch(/^HTTP\/1.1 408 /);
    expect(session.commands).toEqual([]);
  });

  test('F43: answers pipelined requests in their order', async () => {
    await begin();
    const text = await raw(
      'GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(text.match(/HTTP\/1.1 (\d+)/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
  });

  test('F43: refuses a body of more than 1 MiB and runs none of it', async () => {
    await begin();
    const body = JSON.stringify({ services: ['x'.repeat(1024 * 1024)] });
    const text = await raw(`POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    expect(session.commands).toEqual([]);
  });

  test('F43: drops connections beyond its limit, but none that it is serving', async () => {
    await begin();
    const idle = Array.from({ length: 300 }, () => net.connect(served.endpoint.socket).on('error', () => {}));
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await Promise.race(idle.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    for (const socket of idle) socket.destroy();
    await Promise.all(idle.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));
    expect((await ask('GET', '/v1/session')).status).toBe(200);
  });

  test('F43: keeps places for the routes with which any client can see and stop the session', async () => {
    await begin();
    const readers = Array.from({ length: 300 }, () => net.connect(served.endpoint.socket).on('error', () => {}));
    for (const socket of readers) socket.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await Promise.all(readers.map((socket) => new Promise((resolve) => socket.once('data', resolve).once('close', resolve))));
    expect((await ask('GET', '/v1/session')).status).toBe(200);
    expect((await ask('GET', '/v1/events')).status).toBe(503);
    expect((await ask('POST', '/v1/stop')).status).toBe(200);
    for (const socket of readers) socket.destroy();
    await eventually('a place to be free', async () => {
      const answer = await open('GET', '/v1/events');
      answer.destroy();
      return answer.statusCode === 200;
    });
  });

  test('F43: clients that send half a request keep no other out', async () => {
    await begin();
    const half = Array.from({ length: 300 }, () => net.connect(served.endpoint.socket).on('error', () => {}));
    for (const socket of half) socket.write('POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
    await Promise.race(half.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect((await ask('GET', '/v1/session')).status).toBe(200);
    for (const socket of half) socket.destroy();
  });

  test('F43: a client that does not read its answer makes room for others', async () => {
    await begin();
    const value = { ...must(await session.snapshot()), folder: 'x'.repeat(1_000_000) };
    const wanted = vi.spyOn(session, 'snapshot').mockResolvedValue({ ok: true, value });
    const greedy = net.connect(served.endpoint.socket).on('error', () => {});
    greedy.pause().write('GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually('the request', () => wanted.mock.calls.length === 1);
    const idle = Array.from({ length: 300 }, () => net.connect(served.endpoint.socket).on('error', () => {}));
    await Promise.race(idle.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    let length = 0;
    await new Promise((resolve) =>
      greedy
        .on('data', (chunk) => (length += chunk.length))
        .once('close', resolve)
        .resume(),
    );
    expect(length).toBeLessThan(1_000_000);
    for (const socket of idle) socket.destroy();
  });

  test('F43: answers a hundred requests of a connection, one after the other, and none when the client has gone', async () => {
    await begin();
    const wanted = vi.spyOn(session, 'snapshot');
    const many = 'GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10_000);
    expect((await raw(many)).match(/HTTP\/1.1 200/g)).toHaveLength(100);
    expect(wanted).toHaveBeenCalledTimes(100);
    wanted.mockClear();
    let go: () => void = () => {};
    const first = new Promise<void>((resolve) => {
      go = resolve;
    });
    const snapshot = must(await session.snapshot());
    wanted.mockClear().mockImplementation(async () => {
      await first;
      return { ok: true, value: snapshot };
    });
    const socket = net.connect(served.endpoint.socket).on('error', () => {});
    socket.write(many);
    await eventually('the first request', () => wanted.mock.calls.length > 0);
    expect(wanted).toHaveBeenCalledTimes(1);
    socket.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    go();
    expect((await ask('GET', '/v1/session')).status).toBe(200);
    expect(wanted.mock.calls.length).toBeLessThan(4);
    wanted.mockRestore();
  });

  test('continues a command whose client has left', async () => {
    await begin();
    let go: () => void = () => {};
    session.gate = new Promise((resolve) => (go = resolve));
    const begun = new Promise<void>((resolve) => {
      const send = session.send.bind(session);
      session.send = (command) => {
        resolve();
        return send(command);
      };
    });
    const events = session.events()[Symbol.asyncIterator]();
    await raw('POST /v1/services/one/start HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', (socket) => {
      void begun.then(() => socket.destroy());
    });
    go();
    expect((await events.next()).value).toMatchObject({ type: 'state', service: 'one' });
  });

  test('reports E470 for a session that throws, and continues', async () => {
    await begin();
    const send = session.send.bind(session);
    session.send = () => Promise.reject(new Error('boom'));
    expect(JSON.parse((await ask('POST', '/v1/start')).text).failure).toMatchObject({ code: 'E470', message: 'boom' });
    session.send = send;
    expect((await ask('POST', '/v1/start')).status).toBe(200);
  });
});

describe.skipIf(process.platform === 'win32')('events on the control socket', () => {
  const printLines = (count: number) => {
    for (let i = 0; i < count; i++) session.print('one', `${i}\n`.padStart(1000, '.'));
  };

  test('continue where a client left, by `since` or Last-Event-ID', async () => {
    await begin();
    printLines(5);
    const [all, some, header] = await Promise.all([
      open('GET', '/v1/events?since=0'),
      open('GET', '/v1/events?since=fakekey:3'),
      open('GET', '/v1/events', { headers: { 'last-event-id': 'fakekey:4' } }),
    ]);
    session.end();
    const ids = async (message: IncomingMessage) => wire(await text(message)).map((event) => event.id);
    expect(await ids(all)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `fakekey:${n}`));
    expect(await ids(some)).toEqual(['fakekey:4', 'fakekey:5', 'fakekey:6']);
    expect(await ids(header)).toEqual(['fakekey:5', 'fakekey:6']);
  });

  test('come without output on request', async () => {
    await begin();
    const message = await open('GET', '/v1/events?since=0&without=output');
    printLines(2);
    session.become('one', 'ready');
    session.end();
    expect(wire(await text(message)).map((event) => event.type)).toEqual(['state', 'done']);
  });

  test('that are no longer remembered are replaced by a gap with a snapshot', async () => {
    await begin({}, { log: { ringBytes: 5000 } });
    session.become('one', 'ready');
    printLines(20);
    const message = await open('GET', '/v1/events?since=0');
    session.end();
    const [gap, ...rest] = wire(await text(message));
    expect(gap).toMatchObject({ type: 'gap', missed: 16, snapshot: { seq: 21, services: [{ name: 'one', state: 'ready' }, {}] } });
    expect(rest.map((event) => event.type)).toEqual(['state', 'output', 'output', 'output', 'output', 'done']);
  });

  test('of another session cannot be continued: a gap with a snapshot comes first, then new events', async () => {
    await begin();
    printLines(3);
    const message = await open('GET', '/v1/events?since=otherkey:2');
    session.end();
    expect(wire(await text(message))).toMatchObject([{ type: 'gap', id: 'fakekey:3', snapshot: { seq: 3 } }, { type: 'done' }]);
  });

  test('a client that stops reading slows nothing, costs its queue, and learns how many lines it missed', async () => {
    await begin();
    const stopped = await open('GET', '/v1/events');
    const reading = await open('GET', '/v1/events');
    const seen = text(reading);
    const before = process.memoryUsage().rss;
    const chunk = `${'x'.repeat(1023)}\n`.repeat(64);
    const total = 2000;
    for (let i = 0; i < total; i++) {
      session.print('one', chunk);
      if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(session.log.blocked()).toBe(false);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(400);
    session.become('one', 'failed');
    session.end();
    for (const [name, events] of [
      ['stopped', wire(await text(stopped))],
      ['reading', wire(await seen)],
    ] as const) {
      const lines = events.reduce((sum, event) => sum + (event.type === 'output' ? 64 : (event.notice?.lines ?? 0)), 0);
      expect([name, lines]).toEqual([name, total * 64]);
      expect(events.slice(-2)).toMatchObject([{ type: 'state', state: 'failed' }, { type: 'done' }]);
      if (name === 'stopped') expect(events.filter((event) => event.type === 'output').length).toBeLessThan(80);
    }
  });

  test('that are queued at the end, `done` too, are sent; a client that does not read them is cut off after half a second', async () => {
    await begin();
    const stopped = await open('GET', '/v1/events');
    const reading = text(await open('GET', '/v1/events'));
    for (let i = 0; i < 30; i++) session.print('one', 'x'.repeat(60_000));
    session.end();
    const begun = performance.now();
    await served.close();
    expect(performance.now() - begun).toBeGreaterThan(450);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(wire(await reading).at(-1)).toMatchObject({ type: 'done' });
    await expect(text(stopped)).rejects.toThrow('aborted');
  });
});

async function text(message: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of message.setEncoding('utf8')) all += chunk;
  return all;
}
