/**
 * Services that do not stay up: all kinds of crash loops, flapping readiness, and a foreign process that answers in their
 * place.
 */
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { test } from '../../rig/rig.ts';
import type { Running } from '../../rig/running.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { isAlive, services } from '../ports/answers.ts';

interface StateLine {
  readonly service: string;
  readonly state: string;
  readonly at: string;
  readonly delayMs: number | null;
  readonly restarts: number;
  readonly problem: { readonly code: string; readonly message: string } | null;
}

function states(running: Running, service: string): readonly StateLine[] {
  return running.lines.filter((line) => line['type'] === 'state' && line['service'] === service) as unknown as StateLine[];
}

async function until(running: Running, service: string, state: string, nth = 1): Promise<StateLine> {
  return eventually(
    () =>
      `${service} to be ${state} (${nth}): ${states(running, service)
        .map((line) => line.state)
        .join(', ')}`,
    () => states(running, service).filter((line) => line.state === state)[nth - 1],
    15_000,
  );
}

describe.concurrent('F33: a crash loop', () => {
  // web ◀ after
  test.for([
    ['at once', 'echo last words; exit 1'],
    ['after 900 ms', 'echo last words; sleep 0.9; exit 1'],
  ] as const)(
    'F33: a service that exits %s before it is ready has failed: no restart, its last output is shown, dependents do not start',
    async ([, script], { rig }) => {
      const after = rig.puppet('after');
      rig.config({ web: { command: ['sh', '-c', script], ready: { log: 'never' } }, after: { command: after.command } });
      const running = rig.start(['start', '--json']);
      expect((await running.exited).code).toBe(7);
      expect(states(running, 'web').map(({ state }) => state)).not.toContain('backoff');
      expect(states(running, 'web').filter(({ state }) => state === 'starting')).toHaveLength(1);
      expect(running.lines.at(-2)).toMatchObject({ error: { code: 'E101', lastLines: ['last words'] } });
      expect(after.journal()).toEqual([]);
      await expectCleanWorld(rig);
    },
  );

  test('F33: a service that dies after it was ready is restarted after growing delays with jitter, and fails after `max` restarts in a row', async ({
    rig,
  }) => {
    const command = ['sh', '-c', 'echo up; sleep 0.2; exit 3'];
    rig.config({
      web: { command, ready: { log: 'up' }, restart: { policy: 'on-failure', max: 4, backoff: { initial: '100ms', max: '400ms' } } },
    });
    const running = rig.start(['start', '--json']);
    expect((await running.exited).code).toBe(7);
    const delays = states(running, 'web')
      .filter(({ state }) => state === 'backoff')
      .map(({ delayMs }) => delayMs);
    expect(delays).toEqual([100, 200, 400, 400]);
    expect(states(running, 'web').filter(({ state }) => state === 'ready')).toHaveLength(5);
    expect(await until(running, 'web', 'failed')).toMatchObject({ problem: { code: 'E112' } });
    const times = running.lines
      .filter((line) => line['service'] === 'web' && ['backoff', 'starting'].includes(String(line['state'])))
      .map((line) => ({ state: line['state'], at: Date.parse(String(line['at'])) }));
    const waited = times.flatMap(({ state, at }, i) =>
      state === 'backoff' && times[i + 1] ? [(times[i + 1] as { at: number }).at - at] : [],
    );
    for (const [i, ms] of waited.entries()) expect(ms).toBeGreaterThanOrEqual((delays[i] as number) * 0.9 - 5);
    await expectCleanWorld(rig);
  });

  test('F33: uninterrupted readiness resets the count and the delay', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    const restart = { policy: 'on-failure', max: 1, stable: '300ms', backoff: { initial: '50ms' } };
    rig.config({ web: { command: web.command, ready: { log: 'up' }, restart } });
    const running = rig.start(['start', '--json']);
    for (let round = 1; round <= 3; round++) {
      const ready = Date.parse((await until(running, 'web', 'ready', round)).at);
      await eventually('it counts as stable', () => Date.now() - ready > 600);
      await web.tell({ do: 'exit', code: 1 });
      expect((await until(running, 'web', 'backoff', round)).delayMs).toBe(50);
    }
    await until(running, 'web', 'ready', 4);
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });

  test('F33: a held port causes no restart', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    const restart = { policy: 'always', backoff: { initial: '50ms' } };
    rig.config({ web: { command: web.command, port, restart, onConflict: 'fail' } });
    const running = rig.start(['start', '--json']);
    await until(running, 'web', 'ready');
    await web.tell({ do: 'close', at: String(port) });
    const { pids } = await rig.squat({ how: 'listen', port });
    await web.tell({ do: 'exit', code: 1 });
    expect(await until(running, 'web', 'failed')).toMatchObject({ problem: { code: 'E201' } });
    expect(states(running, 'web').filter(({ state }) => state === 'starting')).toHaveLength(1);
    expect(pids.every(isAlive)).toBe(true);
    await running.exited;
    await expectCleanWorld(rig);
  });
});

describe.concurrent('F34: readiness that is not real', () => {
  test('F34: a service that becomes ready repeatedly is shown as flapping', async ({ rig }) => {
    const command = ['sh', '-c', 'echo up; sleep 0.3; exit 1'];
    rig.config({
      web: { command, ready: { log: 'up' }, restart: { policy: 'always', max: 100, backoff: { initial: '50ms', max: '50ms' } } },
      stay: { command: 'sleep 1000', dependsOn: [] },
    });
    const running = rig.start(['start', '--json']);
    await until(running, 'web', 'ready', 4);
    const status = await rig.devup(['status']);
    expect(status.stdout).toMatch(/web.*\(flapping\)/);
    expect(status.stdout).not.toMatch(/stay.*flapping/);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({
      services: [
        { name: 'web', flapping: true },
        { name: 'stay', flapping: false },
      ],
    });
    running.signal('SIGINT');
    await running.exited;
    await expectCleanWorld(rig);
  });

  test('F34: a 200 from another process on the port is not readiness', async ({ rig }) => {
    const port = await rig.port();
    // It waits before it listens; another process takes the port meanwhile and answers.
    const web = rig.puppet('web', '--port', port, '--wait');
    rig.config({ web: { command: web.command, port, ready: { http: '/', timeout: '3s' } } });
    const running = rig.start(['start', '--json']);
    await until(running, 'web', 'starting');
    const squatter = rig.puppet('squatter', '--port', port);
    rig.spawn(squatter.command);
    await squatter.waitFor('listening');
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    expect((await running.exited).code).toBe(5);
    expect(states(running, 'web').map(({ state }) => state)).not.toContain('ready');
    expect(await until(running, 'web', 'failed')).toMatchObject({ problem: { code: 'E104' } });
    expect(JSON.stringify(running.lines.at(-2))).toContain(`${squatter.pids()[0]}`);
    expect(squatter.pids().some(isAlive)).toBe(true);
    await expectCleanWorld(rig);
  });

  test('F34: a service that answers only sometimes is unhealthy only after its retries, and recovers by itself', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.config({
      web: { command: web.command, port, ready: { http: '/' }, health: { http: '/', interval: '100ms', retries: 3 }, restart: 'no' },
    });
    const running = rig.start(['start', '--json']);
    await until(running, 'web', 'ready');
    const requests = () => web.journal().filter(({ event }) => event === 'request').length;
    const next = async (count: number) => {
      const from = requests();
      await eventually('it is asked', () => requests() >= from + count);
    };
    for (let i = 0; i < 3; i++) {
      await web.tell({ do: 'status', status: 500 });
      await next(1);
      await web.tell({ do: 'status', status: 200 });
      await next(2);
    }
    expect((await services(rig))['web']).toMatchObject({ state: 'ready' });
    await web.tell({ do: 'status', status: 500 });
    expect(await until(running, 'web', 'unhealthy')).toMatchObject({ problem: { code: 'E109' } });
    await web.tell({ do: 'status', status: 200 });
    await until(running, 'web', 'ready', 2);
    expect(states(running, 'web').filter(({ state }) => state === 'starting')).toHaveLength(1);
    running.signal('SIGINT');
    await running.exited;
    await expectCleanWorld(rig);
  });
});
