/** Services whose command asks a real podman to run a container, without a word about it in the config. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { lacksPodman, type Podman, test } from '../../rig/podman.ts';
import type { Rig, RunOptions } from '../../rig/rig.ts';
import { diesWithItsGuard, guardOf, recordOf } from '../faults/session.ts';
import { FAST_WATCH } from '../lifecycle/stack.ts';
import { isAlive, type ServiceJson, services } from './answers.ts';

/** Without root, podman publishes no port here. */
const unavailable = lacksPodman || process.getuid?.() !== 0;

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

/** The names of all containers, running or not. */
async function containers(podman: Podman): Promise<readonly string[]> {
  return (await podman.run('ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean);
}

/** A server without a name on the port of `db`. */
async function anonymous(rig: Rig, podman: Podman, ...options: readonly string[]) {
  const port = await rig.port();
  const command = podman.server('db', 80, '-p', `${port}:80`, ...options).replace('--name db ', '');
  rig.config({ db: { command, port, stop: { timeout: '2s' } } });
  return { port, options: { env: { ...FAST_WATCH.env, ...podman.env } } };
}

/** `db`, once it is ready by its container. */
async function readyDb(rig: Rig, options: RunOptions): Promise<ServiceJson> {
  return eventually('db to be ready', async () => {
    const { db } = await services(rig, options);
    return db?.state === 'ready' && db.verdict === 'ours' && db;
  });
}

for (const [how, ...flags] of [['that stays'], ['that ends at once', '--detach']] as const) {
  test.skipIf(unavailable)(`a container is the service's if its command started it, by a client ${how}`, async ({ rig, podman }) => {
    const { port, options } = await anonymous(rig, podman, ...flags);
    const started = await rig.devup(['start', '-d'], options);
    expect(started.code, started.stderr).toBe(0);
    const [first] = await containers(podman);
    const db = await readyDb(rig, options);
    expect(db.holders).toMatchObject([{ container: first, image: 'localhost/devup-test:latest' }]);
    expect(await answers(port)).toBe(true);
    expect((await rig.devup(['ports', String(port)], options)).stdout).toContain(`${port} (db, ours)`);

    expect((await rig.devup(['restart', 'db'], options)).code).toBe(0);
    const [second, ...others] = await containers(podman);
    expect(others).toEqual([]);
    expect(second).not.toBe(first);
    await readyDb(rig, options);

    const stopped = await rig.devup(['stop'], options);
    expect(stopped.code, stopped.stderr).toBe(0);
    // A container whose conmon was killed would still be listed.
    expect(await containers(podman)).toEqual([]);
    expect(await answers(port)).toBe(false);
  });
}

test.skipIf(unavailable)('a container whose client was killed is stopped, and the service starts another one', async ({ rig, podman }) => {
  const { options } = await anonymous(rig, podman);
  expect((await rig.devup(['start', '-d'], options)).code).toBe(0);
  const [first] = await containers(podman);
  const { pid } = await readyDb(rig, options);
  process.kill(pid ?? 0, 'SIGKILL');
  await eventually('another container', async () => {
    const [now] = await containers(podman);
    return now !== undefined && now !== first;
  });
  await readyDb(rig, options);
  expect(await containers(podman)).toHaveLength(1);
  expect((await rig.devup(['stop'], options)).code).toBe(0);
  expect(await containers(podman)).toEqual([]);
});

// app: uses the container, which its command started in the background
test.skipIf(unavailable)('a program ends before the container that its command started for it', async ({ rig, podman }) => {
  const [port, inside] = [await rig.port(), await rig.port()];
  const seen = rig.write('seen', '');
  const program = rig.write(
    'app.mjs',
    `import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
process.on('SIGTERM', async () => {
  const status = await fetch('http://127.0.0.1:${inside}/').then(({ status }) => status, String);
  writeFileSync(${JSON.stringify(seen)}, String(status));
  process.exit();
});
createServer().listen(${port});`,
  );
  const database = podman.server('db', 80, '-d', '-p', `${inside}:80`);
  rig.config({ app: { command: `${database} && exec node ${program}`, port } });
  const options = { env: podman.env };
  const started = await rig.devup(['start', '-d'], options);
  expect(started.code, started.stderr).toBe(0);
  const stopped = await rig.devup(['stop'], options);
  expect(stopped.code, stopped.stderr).toBe(0);
  expect(readFileSync(seen, 'utf8')).toBe('404');
  expect(await containers(podman)).toEqual([]);
});

test.skipIf(unavailable)(
  'F1: the guard leaves a container and its forwarder alone, and the next stop ends them',
  async ({ rig, podman }) => {
    const { port, options } = await anonymous(rig, podman);
    expect((await rig.devup(['start', '-d'], options)).code).toBe(0);
    const { holders, pid } = await readyDb(rig, options);
    const guard = guardOf(rig);
    process.kill(recordOf(rig).supervisor.pid, 'SIGKILL');
    await eventually('the guard to be done', () => !isAlive(guard));
    expect(isAlive(pid ?? 0)).toBe(false);
    expect(holders.map((holder) => isAlive(holder.pid))).toEqual([true]);
    const [name] = await containers(podman);
    expect((await rig.devup(['status'], options)).stdout).toContain(`devup (leftover container ${name})`);
    const stopped = await rig.devup(['stop'], options);
    expect(stopped.code, stopped.stderr).toBe(0);
    expect(stopped.stderr).toContain('db');
    expect(await containers(podman)).toEqual([]);
    expect(await answers(port)).toBe(false);
    expect((await rig.devup(['start', '-d'], options)).code).toBe(0);
    expect((await rig.devup(['stop'], options)).code).toBe(0);
  },
);

test.skipIf(unavailable)('F2: after supervisor and guard were killed, the next start replaces the container', async ({ rig, podman }) => {
  const { options } = await anonymous(rig, podman);
  expect((await rig.devup(['start', '-d'], options)).code).toBe(0);
  const [first] = await containers(podman);
  await readyDb(rig, options);
  await diesWithItsGuard(rig);
  const again = await rig.devup(['start', '-d'], options);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr + again.stdout).toContain(`container ${first}`);
  const [second, ...others] = await containers(podman);
  expect([second === first, others]).toEqual([false, []]);
  await readyDb(rig, options);
  expect((await rig.devup(['stop'], options)).code).toBe(0);
  expect(await containers(podman)).toEqual([]);
});
