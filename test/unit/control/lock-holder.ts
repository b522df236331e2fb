/** Bundled and run by `lock.test.ts`: tries to become the session of a stack each time it is told to, by lines on stdin. */
import { unlinkSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import type { Endpoint } from '../../../src/control/endpoint.ts';
import { acquireLock } from '../../../src/control/lock.ts';

const say = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`);
let release = async () => {};

async function attempt(endpoint: Endpoint): Promise<void> {
  const outcome = await acquireLock(endpoint, {
    version: '1.2.3',
    pid: process.pid,
    uid: endpoint.uid,
    control: endpoint.socket,
    startedAtMs: 1,
  });
  if (outcome.kind !== 'acquired') return say({ pid: process.pid, ...outcome });
  unlinkSync(endpoint.socket);
  const server = net.createServer((socket) => socket.end(String(process.pid)));
  await new Promise<void>((resolve) => server.listen(endpoint.socket, resolve));
  release = async () => {
    await new Promise((resolve) => server.close(resolve));
    await outcome.lock.release();
  };
  say({ pid: process.pid, kind: 'acquired' });
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'release') {
    await release();
    say({ pid: process.pid, kind: 'released' });
  } else await attempt(JSON.parse(line) as Endpoint);
}
