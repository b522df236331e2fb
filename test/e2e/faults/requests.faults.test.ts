/** Malformed, oversized and simultaneous requests to the control socket of a real session. */
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { services } from '../ports/answers.ts';
import { peakMiB, stackFolder, supervisorPid, tell } from './measure.ts';

const MOST_CONNECTIONS = 256;

function controlSocket(rig: Rig): string {
  return join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup', stackFolder(rig).split('/').at(-1) as string);
}

/** Sends this, and resolves with everything that comes back until the other end closes. */
function answerTo(rig: Rig, request: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(controlSocket(rig));
    // EPIPE, ECONNRESET: the server closed the connection while we were still sending.
    socket.on('error', () => undefined).on('close', () => resolve(text));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(request);
  });
}

function request(method: string, path: string, headers: Readonly<Record<string, string | number>>, body = ''): string {
  const lines = Object.entries({ Host: 'x', Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

async function running(rig: Rig): Promise<{ readonly pid: number; readonly supervisor: number }> {
  const web = rig.puppet('web', '--ready', 'up');
  rig.config({ web: { command: web.command, ready: { log: 'up' } } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  return { pid: (await services(rig))['web']?.pid as number, supervisor: await supervisorPid(rig) };
}

async function untouched(rig: Rig, pid: number): Promise<void> {
  expect((await services(rig))['web']).toMatchObject({ state: 'ready', pid });
}

test('F43: a real session refuses malformed, oversized, half and pipelined requests, and runs none of them', async ({ rig }) => {
  const { pid, supervisor } = await running(rig);
  const mib = 1024 * 1024;
  const stop = (body: string, length: number) => request('POST', '/v1/stop', { 'Content-Length': length }, body);
  // A client that is still sending when the connection closes may not be able to read the answer.
  const refused: Readonly<Record<string, readonly [string | Buffer, RegExp]>> = {
    'bytes of no protocol': [Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 89) % 256)), /^HTTP\/1\.1 400 /],
    'a header of 10 MB': [request('GET', '/v1/session', { A: 'a'.repeat(10_000_000) }), /^(HTTP\/1\.1 431 |$)/],
    'an address of 12 kB': [request('GET', `/v1/session?${'a'.repeat(12_000)}`, {}), /^HTTP\/1\.1 414 /],
    'a body of 50 MB': [stop('x'.repeat(50 * mib), 50 * mib), /^(HTTP\/1\.1 413 |$)/],
    'a body that is said to have 1 GB': [stop('x'.repeat(2 * mib), 1024 * mib), /^(HTTP\/1\.1 413 |$)/],
    'a body that is no JSON': [stop('{"services":', 12), /^HTTP\/1\.1 400 [\s\S]*E411/],
    'a body of another shape': [stop('{"services":{"__proto__":1}}', 28), /^HTTP\/1\.1 400 [\s\S]*E411/],
    'two lengths': ['POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}', /^HTTP\/1\.1 400 /],
    'half a request': [request('POST', '/v1/stop', { 'Content-Length': 100 }, '{'), /^HTTP\/1\.1 408 /],
    'half a header': ['GET /v1/session HTTP/1.1\r\nHo', /^HTTP\/1\.1 408 /],
    'a name that climbs out': [request('GET', '/v1/services/..%2F..%2Frecord/logs', {}), /^HTTP\/1\.1 404 /],
    'a method that there is not': [request('DELETE', '/v1/session', {}), /^HTTP\/1\.1 405 /],
    'a client of another version': [request('POST', '/v1/start', { 'x-devup-version': '9.9.9' }), /^HTTP\/1\.1 409 [\s\S]*E404/],
  };
  await Promise.all(
    Object.entries(refused).map(async ([what, [text, expected]]) => {
      expect({ what, answer: (await answerTo(rig, text)).slice(0, 600) }).toEqual({ what, answer: expect.stringMatching(expected) });
    }),
  );
  const many = Array.from({ length: 50 }, () => 'GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n').join('');
  const pipelined = await answerTo(rig, many + request('GET', '/nowhere', {}));
  expect(pipelined.match(/^HTTP\/1\.1 \d+/gm)).toEqual([...Array(50).fill('HTTP/1.1 200'), 'HTTP/1.1 404']);
  expect((await answerTo(rig, request('GET', '/v1/session', { 'x-devup-version': '9.9.9' }))).startsWith('HTTP/1.1 200')).toBe(true);
  await untouched(rig, pid);
  tell(`F43: after ${Object.keys(refused).length} kinds of bad requests the supervisor's peak is ${Math.round(peakMiB(supervisor))} MiB`);
  expect(peakMiB(supervisor)).toBeLessThan(150);
  expect((await rig.devup(['stop'])).code).toBe(0);
  await expectCleanWorld(rig);
});

test('F43: of 1,000 silent connections at most 256 stay open, and commands are still served', async ({ rig }) => {
  const { pid, supervisor } = await running(rig);
  const clients: Socket[] = Array.from({ length: 1000 }, () => connect(controlSocket(rig)).on('error', () => undefined));
  await Promise.all(clients.map((client) => new Promise((resolve) => client.once('connect', resolve).once('close', resolve))));
  await eventually('those beyond the limit to be dropped', () => clients.filter(({ closed }) => !closed).length <= MOST_CONNECTIONS);
  const asked = performance.now();
  await untouched(rig, pid);
  tell(`F43: 1,000 connections: status in ${Math.round(performance.now() - asked)} ms, peak ${Math.round(peakMiB(supervisor))} MiB`);
  expect(peakMiB(supervisor)).toBeLessThan(150);
  expect((await rig.devup(['restart', 'web'])).code).toBe(0);
  expect((await rig.devup(['stop'])).code).toBe(0);
  for (const client of clients) client.destroy();
  await expectCleanWorld(rig);
});

test('F43: 500 readers that do not read stay within the limit of memory, and commands are served beside them', async ({ rig }) => {
  rig.write(
    'bursts.mjs',
    `
    import { appendFileSync, writeSync } from 'node:fs';
    const chunk = Buffer.from(('\u0001\u001b' + 'x'.repeat(96) + '\\n').repeat(20_000));
    const print = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at); };
    process.on('SIGUSR2', () => {
      for (let i = 0; i < 2; i++) print(chunk);
      appendFileSync('bursts', 'done\\n');
    });
    setInterval(() => 0, 1e9);
    print(Buffer.from('up\\n'));
  `,
  );
  rig.config({ web: { command: 'node bursts.mjs', ready: { log: 'up' } } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  const supervisor = await supervisorPid(rig);
  const { pid } = (await services(rig))['web'] as { pid: number };
  const clients: Socket[] = [];
  for (let round = 1; round <= 10; round++) {
    for (let i = 0; i < 50; i++) {
      const client = connect(controlSocket(rig)).on('error', () => undefined);
      client.write(`GET /v1/events${i % 2 === 0 ? '?since=0' : ''} HTTP/1.1\r\nHost: x\r\n\r\n`);
      clients.push(client.pause());
    }
    process.kill(pid, 'SIGUSR2');
    await eventually(`burst ${round}`, () => existsSync(join(rig.root, 'bursts')) && lines(join(rig.root, 'bursts')) === round, 120_000);
  }
  expect((await services(rig))['web']).toMatchObject({ state: 'ready', pid });
  tell(`F43: 500 readers that do not read: peak ${Math.round(peakMiB(supervisor))} MiB`);
  expect(peakMiB(supervisor)).toBeLessThan(200);
  expect((await rig.devup(['stop'])).code).toBe(0);
  for (const client of clients) client.destroy();
  await expectCleanWorld(rig);
});

function lines(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}
