/** Ports that a container holds for a service, with a real podman. The engine and the listeners prove it. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { lacksPodman, type Podman, test } from '../../rig/podman.ts';
import type { Rig } from '../../rig/rig.ts';
import { FAST_WATCH } from '../lifecycle/stack.ts';
import { isAlive, kill, services } from './answers.ts';

const isRoot = process.getuid?.() === 0;
const STOP = { command: 'podman stop --time 0 db' };
const inDb = { listener: { container: 'db' }, stop: STOP };

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

async function isThere(podman: Podman): Promise<boolean> {
  return (await podman.run('ps', '--all', '--quiet', '--filter', 'name=^db$')).trim() !== '';
}

/** Starts it, checks that its port is proved to be the container's, and stops it. */
async function upAndDown(rig: Rig, podman: Podman, port: number): Promise<void> {
  const { env } = podman;
  const started = await rig.devup(['start', '-d'], { env });
  expect(started.code, started.stderr).toBe(0);
  const { db } = await services(rig, { env });
  expect(db).toMatchObject({ state: 'ready', verdict: 'ours', problem: null });
  expect(db?.holders.map(({ container }) => container)).toEqual(db?.holders.map(() => 'db'));
  expect((await rig.devup(['status'], { env })).stdout).toContain('devup (container db)');
  expect(await answers(port)).toBe(true);
  const stopped = await rig.devup(['stop'], { env });
  expect(stopped.code, stopped.stderr).toBe(0);
  expect(await answers(port)).toBe(false);
  expect(await isThere(podman)).toBe(false);
}

test.skipIf(lacksPodman || !isRoot)("the published port of a container is ready, and shown as the container's", async ({ rig, podman }) => {
  const port = await rig.port();
  rig.config({ db: { command: podman.server('db', 80, '-p', `${port}:80`), port, ...inDb } });
  await upAndDown(rig, podman, port);
});

test.skipIf(lacksPodman)('a container in the host network is ready by its process', async ({ rig, podman }) => {
  const port = await rig.port();
  rig.config({ db: { command: podman.server('db', port, '--network=host'), port, ...inDb } });
  await upAndDown(rig, podman, port);
});

test.skipIf(lacksPodman || !isRoot)(
  'a container that publishes another port is not ready, and the reason says which',
  async ({ rig, podman }) => {
    const [port, other] = [await rig.port(), await rig.port()];
    rig.config({
      db: { command: podman.server('db', 80, '-p', `${other}:80`), port, ...inDb, ready: { port: true, timeout: '3s' } },
    });
    const started = await rig.devup(['start', '-d'], { env: podman.env });
    expect(started.code).toBe(5);
    expect(started.stderr).toContain(`the container db publishes ${other}, not ${port}`);
    expect(await isThere(podman)).toBe(false);
  },
);

// db: a process of its own tree holds the port while the container does not exist
test.skipIf(lacksPodman)('a process that listens in place of the container is not readiness', async ({ rig, podman }) => {
  const port = await rig.port();
  const squatting = rig.puppet('db', '--port', port);
  rig.config({
    db: { command: squatting.command, port, ...inDb, stop: { command: 'true', timeout: '100ms' }, ready: { port: true, timeout: '3s' } },
  });
  const absent = await rig.devup(['start', '-d'], { env: podman.env });
  expect(absent.code).toBe(5);
  expect(absent.stderr).toContain('podman has no container db');

  const elsewhere = await rig.port();
  await podman.run(...podman.server('db', elsewhere, '--detach', '--network=host').split(' ').slice(1));
  const replaced = await rig.devup(['start', '-d'], { env: podman.env });
  expect(replaced.code).toBe(5);
  expect(replaced.stderr).toMatch(new RegExp(`${port} is held by node \\(pid \\d+.*\\), not by the container db`));
  expect(squatting.pids().filter(isAlive)).toEqual([]);
  expect(await answers(elsewhere)).toBe(true);
});

test.skipIf(lacksPodman)('a container that stops makes its service unhealthy until it is back', async ({ rig, podman }) => {
  const port = await rig.port();
  const options = { ...FAST_WATCH, env: { ...FAST_WATCH.env, ...podman.env } };
  // The command outlives the container.
  await podman.run('create', ...podman.server('db', port, '--network=host').split(' ').slice(3));
  rig.config({ db: { command: 'podman start db && exec sleep 1000', port, ...inDb, stop: { ...STOP, timeout: '2s' } } });
  const started = await rig.devup(['start', '-d'], options);
  expect(started.code, started.stderr).toBe(0);
  await podman.run('stop', '--time', '0', 'db');
  const lost = await eventually('db to be unhealthy', async () => {
    const { db } = await services(rig, options);
    return db?.state === 'unhealthy' && db;
  });
  expect(lost).toMatchObject({ verdict: 'free', problem: { code: 'E107' } });
  await podman.run('start', 'db');
  await eventually('db to be ready again', async () => (await services(rig, options))['db']?.state === 'ready');
  expect((await rig.devup(['stop'], options)).code).toBe(0);
  expect(await answers(port)).toBe(false);
});

test.skipIf(lacksPodman)('a second Ctrl-C kills the container, even while its stop command waits', async ({ rig, podman }) => {
  const port = await rig.port();
  const asked = rig.write('asked', '');
  const stop = { command: `echo >>${asked}; exec sleep 1000`, timeout: '5m' };
  rig.config({ db: { command: podman.server('db', port, '--network=host'), port, ...inDb, stop } });
  const running = rig.start(['start'], { env: podman.env });
  await running.waitForOutput(/1 service ready/);
  running.signal('SIGINT');
  await eventually('its stop command to be run', () => readFileSync(asked, 'utf8') !== '');
  // One that follows the first too soon counts as its copy.
  await eventually('the container to be gone', async () => {
    if (!(await isThere(podman))) return true;
    running.signal('SIGINT');
    return false;
  });
  expect((await running.exited).code, running.report()).toBe(130);
  expect(await answers(port)).toBe(false);
});

for (const [network, options] of [
  ['a published port', (port: number) => ['-p', `${port}:${port}`]],
  ["the machine's own network", () => ['--network=host']],
] as const) {
  test.skipIf(lacksPodman || (network === 'a published port' && !isRoot))(
    `F17: a start leaves a container on ${network} alone; a kill of its port stops it`,
    async ({ rig, podman }) => {
      const port = await rig.port();
      await podman.run(
        ...podman
          .server('db', port, '--detach', ...options(port))
          .split(' ')
          .slice(1),
      );
      rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
      const refused = await rig.devup(['start', '-d'], { env: podman.env });
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/the container db \(localhost\/devup-test:latest\) publishes the port/);
      expect(refused.stderr).toContain(`devup kill ${port} stops the container`);
      expect(await answers(port)).toBe(true);
      const { code, first } = await kill(rig, [port], { env: podman.env });
      expect(code).toBe(0);
      expect(first).toMatchObject({ outcome: 'freed', killed: [{ command: 'podman container db', signal: 'stopped' }] });
      expect(await answers(port)).toBe(false);
    },
  );
}
