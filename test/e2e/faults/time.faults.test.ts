/** Time that jumps: a machine that slept, and a wall clock that was set. */
import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import { test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { up } from '../lifecycle/stack.ts';
import { isAlive } from '../ports/answers.ts';
import { LONG, tell } from './measure.ts';

const WATCH_MS = 100;
const QUICK = { forFailures: true, env: { DEVUP_WATCH_MS: String(WATCH_MS) } };
/** A tick that comes five seconds late means that the machine slept. */
const GAP_MS = LONG ? 60_000 : 6_000;

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function passes(ms: number): Promise<void> {
  const until = performance.now() + ms;
  await eventually(`${ms} ms to pass`, () => performance.now() > until, 2 * ms);
}

function requests(puppet: Puppet): number {
  return puppet.journal().filter(({ event }) => event === 'request').length;
}

describe.concurrent('F35: a gap in time', () => {
  for (const who of ['the supervisor', 'the supervisor and all services'] as const) {
    // db ◀ web
    test(`F35: ${who} stopped for ${GAP_MS / WATCH_MS} ticks: no restart, no false failure`, async ({ rig }) => {
      const [one, two] = [await rig.port(), await rig.port()];
      const [db, web] = [rig.puppet('db', '--port', one), rig.puppet('web', '--port', two)];
      const health = { http: '/', interval: '100ms', timeout: '500ms', retries: 2 };
      const restart = 'always';
      rig.config({
        db: { command: db.command, port: one, ready: { http: '/' }, health, restart },
        web: { command: web.command, port: two, ready: { http: '/' }, health, restart },
      });
      const stack = up(rig, [], QUICK);
      await stack.until('web', 'ready');
      const pids = [stack.running.pid, ...(who === 'the supervisor' ? [] : [...db.pids(), ...web.pids()])];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await eventually('all to be stopped', () => pids.every(isStopped));
      await passes(GAP_MS);
      const before = [requests(db), requests(web)] as const;
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      // Long enough for a failure to show: more tests than a service may fail.
      await eventually('both to be asked again', () => requests(db) > before[0] + 5 && requests(web) > before[1] + 5);
      expect(stack.history('ready', 'unhealthy', 'failed', 'backoff', 'starting', 'stopping')).toEqual([
        'db starting',
        'db ready',
        'web starting',
        'web ready',
      ]);
      const status = await stack.status();
      for (const name of ['db', 'web']) expect(status[name]?.uptimeMs, name).toBeGreaterThan(GAP_MS);
      expect([status['db'], status['web']]).toMatchObject([
        { state: 'ready', restarts: 0 },
        { state: 'ready', restarts: 0 },
      ]);
      tell(`F35: ${who} stopped for ${GAP_MS} ms: 0 restarts, 0 failures`);
      await stack.stop();
      await expectCleanWorld(rig);
    });
  }

  test('F35: a pause does not make a starting service miss its deadline', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port, '--wait');
    rig.config({ web: { command: web.command, port, ready: { http: '/', timeout: '5s' } } });
    const stack = up(rig, [], QUICK);
    await stack.until('web', 'starting');
    await web.waitFor('started');
    const pids = [stack.running.pid, ...web.pids()];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await passes(GAP_MS);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await passes(5 * WATCH_MS);
    await web.tell({ do: 'go' });
    await stack.until('web', 'ready');
    expect(stack.states('web')).not.toContain('failed');
    await stack.stop();
    await expectCleanWorld(rig);
  });

  test('F35: setting the clock an hour forward and back changes no delay and restarts nothing', async ({ rig }) => {
    const hour = 3_600_000;
    // The wall clock of devup and its services, shifted by the number in a file.
    const shift = rig.write(
      'shift.cjs',
      `const { readFileSync } = require('node:fs');
      const now = Date.now;
      Date.now = () => now() + Number(readFileSync(${JSON.stringify(`${rig.root}/offset`)}, 'utf8'));`,
    );
    rig.write('offset', '0');
    const web = rig.puppet('web', '--ready', 'up');
    const steady = rig.puppet('steady', '--ready', 'up');
    rig.config({
      web: { command: web.command, ready: { log: 'up' }, restart: { policy: 'always', backoff: { initial: '1s' } } },
      steady: { command: steady.command, ready: { log: 'up' }, dependsOn: [] },
    });
    const stack = up(rig, [], { ...QUICK, env: { ...QUICK.env, NODE_OPTIONS: `--require ${shift}` } });
    await Promise.all([stack.until('web', 'ready'), stack.until('steady', 'ready')]);
    for (const [i, offset] of [hour, -hour].entries()) {
      await web.tell({ do: 'exit', code: 1 });
      await stack.until('web', 'backoff', i + 1);
      const began = performance.now();
      rig.write('offset', String(offset));
      await stack.until('web', 'starting', i + 2);
      const waited = performance.now() - began;
      expect(waited).toBeGreaterThan(700 * 2 ** i);
      expect(waited).toBeLessThan(1100 * 2 ** i + 2000);
      await stack.until('web', 'ready', i + 2);
    }
    expect(stack.states('steady').filter((state) => state !== 'waiting')).toEqual(['starting', 'ready']);
    expect(steady.pids().filter(isAlive)).toHaveLength(1);
    await stack.stop();
    await expectCleanWorld(rig);
  });
});
