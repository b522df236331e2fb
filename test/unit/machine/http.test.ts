/** Servers that behave unexpectedly: an answer always comes, and says what happened. */
import { type AddressInfo, createServer, getDefaultAutoSelectFamily, type Socket, setDefaultAutoSelectFamily } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { browserRequest } from '../../../src/check/live/answer.ts';
import { systemClock } from '../../../src/machine/clock.ts';
import { askHttp } from '../../../src/machine/http.ts';
import type { Clock } from '../../../src/machine/machine.ts';
import { formatHostPort } from '../../../src/model/address.ts';
import type { HttpRequest } from '../../../src/model/http.ts';
import { FakeClock } from '../../rig/fake-clock.ts';

/** Resolves with its URL; `serve` gets each connection when its request is there. */
async function server(serve: (socket: Socket, head: string) => void, host = '127.0.0.1'): Promise<string> {
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (head) => serve(socket, head.toString()));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  await new Promise<void>((resolve, reject) => listening.once('error', reject).listen(0, host, resolve));
  return `http://${formatHostPort({ host, port: (listening.address() as AddressInfo).port })}/`;
}

const LIMITS = { answerMs: 5000, bodyMs: 1000, bodyLength: 64 * 1024 };
const ask = (request: HttpRequest, clock: Clock = systemClock) => askHttp(request, LIMITS, clock);

test('an answer has its status, its headers in lower case, and its body; a redirect is not followed', async () => {
  const url = await server((socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: /x\r\nX-Two: a\r\nX-Two: b\r\n\r\nbody'));
  expect(await ask(browserRequest(url))).toEqual({
    kind: 'answer',
    status: 302,
    headers: { location: '/x', 'x-two': 'a, b' },
    body: 'body',
  });
});

test('a request names devup, and accepts any type', async () => {
  const heads: string[] = [];
  const url = await server((socket, head) => {
    heads.push(head);
    socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  });
  await ask({ method: 'GET', url, headers: {} });
  await ask(browserRequest(url));
  expect(heads[0]).toMatch(/^user-agent: devup\/\d+\.\d+\.\d+\r$/im);
  expect(heads[0]).toMatch(/^accept: \*\/\*\r$/im);
  expect(heads[1]).toMatch(/^accept: text\/html,.*\r$/im);
});

test('localhost is tried on both addresses', async () => {
  const url = await server((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  expect(await ask(browserRequest(url.replace('127.0.0.1', 'localhost')))).toMatchObject({ status: 204 });
  const six = await server((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'), '::1').catch(() => null);
  if (six !== null) expect(await ask(browserRequest(six.replace('[::1]', 'app.localhost')))).toMatchObject({ status: 204 });
});

test('localhost is asked on both addresses even where Node would try only the first', async () => {
  const six = await server((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'), '::1').catch(() => null);
  if (six === null) return;
  const before = getDefaultAutoSelectFamily();
  setDefaultAutoSelectFamily(false);
  onTestFinished(() => setDefaultAutoSelectFamily(before));
  expect(await ask(browserRequest(six.replace('[::1]', 'localhost')))).toMatchObject({ status: 204 });
});

test('what a server on ::1 does with a request is told, not that nothing listens on 127.0.0.1', async () => {
  const six = await server((socket) => socket.destroy(), '::1').catch(() => null);
  if (six !== null) expect(await ask(browserRequest(six.replace('[::1]', 'localhost')))).toEqual({ kind: 'none', why: 'ECONNRESET' });
});

test('a body without an end is cut off', async () => {
  const url = await server((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const more = () => {
      while (socket.writable && socket.write('x'.repeat(16_384)));
      socket.once('drain', more);
    };
    more();
  });
  const answer = await ask(browserRequest(url));
  expect(answer).toMatchObject({ kind: 'answer', status: 200 });
  expect(answer.kind === 'answer' && answer.body).toHaveLength(64 * 1024);
});

test('a stream of events is judged by its first second, without waiting for its end', async () => {
  const clock = new FakeClock();
  let wrote = () => {};
  const written = new Promise<void>((resolve) => {
    wrote = resolve;
  });
  const url = await server((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n', () => wrote()),
  );
  const answer = ask(browserRequest(url), clock);
  await written;
  // Whichever of its two waits is pending: by then the answer is there, or is known not to come.
  await settled(answer, clock);
  expect(await answer).toMatchObject({ kind: 'answer', status: 200 });
});

test.each([
  ['says nothing', () => undefined, /^no answer within 5 s$/],
  ['hangs up', (socket: Socket) => socket.destroy(), /^ECONNRESET$/],
  ['speaks another language', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), /^HPE_/],
])('a server that %s is reported to', async (_, serve, why) => {
  const clock = new FakeClock();
  let asked = () => {};
  const heard = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const url = await server((socket) => {
    serve(socket);
    asked();
  });
  const answer = ask(browserRequest(url), clock);
  await heard;
  await settled(answer, clock);
  expect(await answer).toMatchObject({ kind: 'none', why: expect.stringMatching(why) });
});

test('without a listener the connection is refused', async () => {
  const url = await server(() => undefined);
  expect(await ask(browserRequest(url.replace(/:\d+/, ':1')))).toEqual({ kind: 'none', why: 'ECONNREFUSED' });
});

/** Lets arrived data be read, then moves the time by more than any wait. */
async function settled(answer: Promise<unknown>, clock: FakeClock): Promise<void> {
  let over = false;
  void answer.then(() => {
    over = true;
  });
  for (let turn = 0; turn < 50 && !over; turn++) await new Promise((resolve) => setImmediate(resolve));
  while (!over) {
    await clock.advance(6000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
