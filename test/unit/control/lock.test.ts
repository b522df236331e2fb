import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, ensureFolder, sessionEndpoint } from '../../../src/control/endpoint.ts';
import { acquireLock, askLock } from '../../../src/control/lock.ts';
import { type LockIdentity, parseIdentity } from '../../../src/control/lock-identity.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';

interface Said {
  readonly pid: number;
  readonly kind: string;
  readonly by?: LockIdentity;
}

let home: string;
let holderScript: string;
let count = 0;
const holders: Holder[] = [];

class Holder {
  readonly child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, [holderScript], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly #lines: Interface = createInterface({ input: this.child.stdout });

  constructor() {
    holders.push(this);
  }

  async tell(line: string): Promise<Said> {
    const answer = new Promise<string>((resolve) => this.#lines.once('line', resolve));
    this.child.stdin.write(`${line}\n`);
    return JSON.parse(await answer) as Said;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}

beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'lk-'));
  holderScript = path.join(home, 'holder.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'lock-holder.ts')],
    outfile: holderScript,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
});
afterEach(async () => void (await Promise.all(holders.splice(0).map((holder) => holder.end()))));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Unique to the test, with the socket of a killed session. */
async function staleEndpoint(): Promise<Endpoint> {
  const id = `${process.pid.toString(16)}${(count++).toString(16)}`.padStart(16, '0');
  const result = sessionEndpoint(id, { env: {}, home, uid: process.getuid?.() ?? null, platform: linuxPlatform });
  if (!result.ok) throw new Error(result.failure.code);
  ensureFolder(result.value);
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  await new Promise((resolve) => spawn(process.execPath, ['-e', script, result.value.socket]).once('exit', resolve));
  return result.value;
}

const identity = (endpoint: Endpoint): LockIdentity => ({
  version: '9.9.9',
  pid: process.pid,
  uid: endpoint.uid,
  control: endpoint.socket,
  startedAtMs: 42,
});

const read = (socketPath: string) =>
  new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = net.connect(socketPath).setEncoding('utf8');
    socket
      .on('data', (chunk) => (text += chunk))
      .on('end', () => resolve(text))
      .on('error', reject);
  });

describe.skipIf(process.platform !== 'linux')('the lock of a stack', () => {
  test('F7: of 12 processes that race for the lock over a stale socket, exactly one wins, ten times', { timeout: 60_000 }, async () => {
    const racers = Array.from({ length: 12 }, () => new Holder());
    for (let round = 0; round < 10; round++) {
      const endpoint = await staleEndpoint();
      const said = await Promise.all(racers.map((racer) => racer.tell(JSON.stringify(endpoint))));
      const winners = said.filter((one) => one.kind === 'acquired');
      expect(winners).toHaveLength(1);
      const winner = winners[0] as Said;
      expect(said.filter((one) => one.kind === 'held').map((one) => one.by?.pid)).toEqual(Array(11).fill(winner.pid));
      expect(await read(endpoint.socket)).toBe(String(winner.pid));
      await racers.find((racer) => racer.child.pid === winner.pid)?.tell('release');
    }
  });

  test('names its holder to any client, and is free after the release', async () => {
    const endpoint = await staleEndpoint();
    expect(await askLock(endpoint)).toBe('nobody');
    const outcome = await acquireLock(endpoint, identity(endpoint));
    expect(await askLock(endpoint)).toEqual(identity(endpoint));
    expect(await acquireLock(endpoint, identity(endpoint))).toEqual({ kind: 'held', by: identity(endpoint) });
    if (outcome.kind === 'acquired') await outcome.lock.release();
    expect(await askLock(endpoint)).toBe('nobody');
  });

  test('is held even if its holder closes every connection, as a process without free descriptors does', async () => {
    const endpoint = await staleEndpoint();
    const deaf = net.createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => deaf.listen({ path: endpoint.lock }, resolve));
    expect(await askLock(endpoint)).toBe('not-answering');
    expect((await acquireLock(endpoint, identity(endpoint))).kind).toBe('not-answering');
    await new Promise((resolve) => deaf.close(resolve));
    expect(await askLock(endpoint)).toBe('nobody');
  });

  test('is free when its holder was killed', async () => {
    const endpoint = await staleEndpoint();
    const holder = new Holder();
    expect((await holder.tell(JSON.stringify(endpoint))).kind).toBe('acquired');
    await holder.end();
    const outcome = await acquireLock(endpoint, identity(endpoint));
    expect(outcome.kind).toBe('acquired');
    if (outcome.kind === 'acquired') await outcome.lock.release();
  });

  test('F8: the lock is not taken from a stopped holder, which is reported as not answering after 2 seconds', {
    timeout: 15_000,
  }, async () => {
    const endpoint = await staleEndpoint();
    const holder = new Holder();
    await holder.tell(JSON.stringify(endpoint));
    holder.child.kill('SIGSTOP');
    const begun = performance.now();
    expect(await acquireLock(endpoint, identity(endpoint))).toEqual({ kind: 'not-answering' });
    const waited = performance.now() - begun;
    expect(waited).toBeGreaterThan(1900);
    expect(waited).toBeLessThan(5000);
    holder.child.kill('SIGCONT');
    expect(await askLock(endpoint)).toMatchObject({ pid: holder.child.pid });
  });

  test('reports not-answering for a holder that sends nonsense, and stops reading', async () => {
    const endpoint = await staleEndpoint();
    const endless = net.createServer((socket) => {
      socket.on('error', () => {});
      const more = () => void (socket.writable && socket.write('x'.repeat(1000), more));
      more();
    });
    await new Promise<void>((resolve) => endless.listen(endpoint.lock, resolve));
    expect(await askLock(endpoint)).toBe('not-answering');
    await new Promise((resolve) => endless.close(resolve));
  });

  test('reads back every identity, and rejects everything else', () => {
    const made = fc.record({
      version: fc.string(),
      pid: fc.integer({ min: 1 }),
      uid: fc.option(fc.nat()),
      control: fc.string(),
      startedAtMs: fc.nat(),
    });
    fc.assert(fc.property(made, (one) => void expect(parseIdentity(`${JSON.stringify(one)}\n`)).toEqual(one)));
    fc.assert(fc.property(fc.string(), (text) => void expect(parseIdentity(text)).toBeNull()));
    fc.assert(
      fc.property(
        made,
        fc.constantFrom('version', 'pid', 'uid', 'control', 'startedAtMs'),
        (one, key) => void expect(parseIdentity(JSON.stringify({ ...one, [key]: {} }))).toBeNull(),
      ),
    );
  });
});
