/** The listeners on a service's ports are watched while it starts and runs. */
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { test } from '../../rig/rig.ts';
import { isAlive, kill, services } from './answers.ts';

// web: listens somewhere else than promised
test('a listener on an undeclared port causes a warning, and is the reason at the timeout', async ({ rig }) => {
  const [port, wrong] = [await rig.port(), await rig.port()];
  const web = rig.puppet('web', '--port', wrong);
  rig.config({ web: { command: web.command, port, ready: { port: true, timeout: '3s' } } });
  const started = await rig.devup(['start', '-d']);
  expect(started.code).toBe(5);
  expect(started.stderr).toContain(`web listens on ${wrong}, not ${port}`);
  expect(started.stderr).toMatch(new RegExp(`E104.*\\n.*why .*listens on ${wrong}, not ${port}`));
  expect(web.pids().filter(isAlive)).toEqual([]);
});

test('a late listener on the wrong port causes a warning at once', async ({ rig }) => {
  const [port, wrong] = [await rig.port(), await rig.port()];
  const web = rig.puppet('web');
  rig.config({ web: { port, command: web.command, ready: { port: true, timeout: '20s' } } });
  const starting = rig.start(['start']);
  await web.waitFor('started');
  // Past the first check, which is due 2 s after the spawn.
  await eventually('the service has been starting for a while', async () => {
    const status = JSON.parse((await rig.devup(['status', '--json'])).stdout) as { services: readonly { uptimeMs: number }[] };
    return (status.services[0]?.uptimeMs ?? 0) > 2500;
  });
  await web.tell({ do: 'listen', at: wrong });
  await starting.waitForOutput(new RegExp(`web listens on ${wrong}, not ${port}`), 'stderr');
  starting.signal('SIGINT');
  await starting.exited;
});

// web: on ::1, a foreign process on 127.0.0.1
test("F19: a foreign listener on 127.0.0.1 beside the service's on ::1 makes it unhealthy until it leaves", async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', `::1:${port}`);
  rig.config({ web: { command: web.command, port } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  expect((await services(rig))['web']).toMatchObject({ state: 'ready', verdict: 'ours', holders: [{ addresses: ['::1'] }] });
  const { process, pids } = await rig.squat({ how: 'listen', port, host: '127.0.0.1' });
  const unhealthy = await eventually('web to be unhealthy', async () => {
    const { web: now } = await services(rig);
    return now?.state === 'unhealthy' && now;
  });
  expect(unhealthy).toMatchObject({ verdict: 'foreign', problem: { code: 'E108' } });
  expect(unhealthy.holders.map(({ pid }) => pid)).toEqual(expect.arrayContaining([...pids]));
  expect(`${unhealthy.problem?.message} ${unhealthy.problem?.why}`).toContain(`pid ${pids[0]}`);
  process.signal('SIGTERM');
  await eventually('web to be ready again', async () => (await services(rig))['web']?.state === 'ready');
  expect(web.journal().filter(({ event }) => event === 'listening')).toHaveLength(1);
  expect((await rig.devup(['stop'])).code).toBe(0);
});

// web: on ::1; a foreign process was on 127.0.0.1 before
test('an answer from another process is not readiness, nor is one of two ports', async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'listen', port, host: '127.0.0.1' });
  const web = rig.puppet('web', '--port', `::1:${port}`);
  rig.config({ web: { command: web.command, port } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  expect((await services(rig))['web']).toMatchObject({ verdict: 'ours', holders: [{ addresses: ['::1'] }] });
  expect((await rig.devup(['stop'])).code).toBe(0);
});

// web: two ports; then a foreign process on the second one, while nothing runs
test('status shows the holders of every port; the worst of them is the verdict', async ({ rig }) => {
  const [main, debug] = [await rig.port(), await rig.port()];
  const web = rig.puppet('web', '--port', main, '--port', debug);
  rig.config({ web: { command: web.command, ports: { main, debug: { port: debug, required: false } } } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);
  await web.waitFor('listening', 2);
  const { web: running } = await services(rig);
  expect(running).toMatchObject({ verdict: 'ours', holders: [{ port: main }, { port: debug }] });
  expect((await kill(rig, [debug])).first).toMatchObject({ outcome: 'freed', killed: [{ signal: 'stopped' }] });
  const { pids } = await rig.squat({ how: 'listen', port: debug });
  expect((await services(rig))['web']).toMatchObject({ state: 'stopped', verdict: 'foreign', holders: [{ port: debug, pid: pids[0] }] });
  expect((await rig.devup(['status'])).stdout).toMatch(new RegExp(`FOREIGN .*pid ${pids[0]}.* on ${debug}`));
});

test('status shows a foreign process on a declared port although nothing runs, and signals nothing', async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'listen', port });
  rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
  expect((await services(rig))['web']).toMatchObject({ state: 'stopped', verdict: 'foreign', holders: [{ pid: pids[0] }] });
  expect((await rig.devup(['status'])).stdout).toContain(String(pids[0]));
  expect(pids.every(isAlive)).toBe(true);
});
