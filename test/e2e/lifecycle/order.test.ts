/** Which services start, and in which order. */
import { describe, expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';
import { FAST_WATCH, node, tell, up } from './stack.ts';

const STAYS = { command: ['sleep', '1000'] };
const DONE = { command: ['true'], ready: { exit: 0 } };

describe.concurrent('the order of a start', () => {
  // a ◀ b ◀ c: declared order
  test('without dependsOn a stack starts in strict sequence, each service once the one before it is ready', async ({ rig }) => {
    const [a, b] = [await rig.port(), await rig.port()];
    rig.config({
      a: { port: a, command: rig.puppet('a', '--port', a).command },
      b: { port: b, command: rig.puppet('b', '--port', b).command },
      c: STAYS,
    });
    const stack = up(rig);
    await stack.until('c', 'ready');
    expect(stack.history('starting', 'ready')).toEqual(['a starting', 'a ready', 'b starting', 'b ready', 'c starting', 'c ready']);
    await stack.stop();
    expect(stack.history('stopping', 'stopped').slice(-6)).toEqual([
      'c stopping',
      'c stopped',
      'b stopping',
      'b stopped',
      'a stopping',
      'a stopped',
    ]);
  });

  // a   b   c: no dependencies
  test('services with an empty dependsOn start at the same time', async ({ rig }) => {
    const names = ['a', 'b', 'c'];
    const services: Record<string, object> = {};
    for (const name of names) {
      const port = await rig.port();
      services[name] = { port, command: rig.puppet(name, '--port', port).command, dependsOn: [] };
    }
    rig.config(services);
    const stack = up(rig);
    for (const name of names) await stack.until(name, 'ready');
    const lastStarting = stack.history('starting', 'ready').findLastIndex((entry) => entry.endsWith('starting'));
    expect(lastStarting).toBe(2);
    await stack.stop();
  });

  // slow ◀started─ early      slow ◀ready─ late      task ◀completed─ after
  test('a condition of a dependency is started, ready or completed', async ({ rig }) => {
    const port = await rig.port();
    const slow = rig.puppet('slow', '--port', port, '--wait');
    const task = rig.puppet('task', '--wait', '--exit', 0);
    rig.config({
      slow: { port, command: slow.command, dependsOn: [] },
      early: { ...STAYS, dependsOn: { slow: 'started' } },
      late: { ...STAYS, dependsOn: 'slow' },
      task: { command: task.command, ready: { exit: 0 }, dependsOn: [] },
      after: { ...STAYS, dependsOn: ['task'] },
    });
    const stack = up(rig);
    await stack.until('early', 'ready');
    expect(stack.states('late')).not.toContain('starting');
    await tell(slow, { do: 'go' });
    await stack.until('late', 'ready');
    expect(stack.states('after')).not.toContain('starting');
    await tell(task, { do: 'go' });
    await stack.until('after', 'ready');
    const history = stack.history('starting', 'ready', 'completed');
    expect(history.indexOf('slow ready')).toBeLessThan(history.indexOf('late starting'));
    expect(history.indexOf('early ready')).toBeLessThan(history.indexOf('slow ready'));
    expect(history.indexOf('task completed')).toBeLessThan(history.indexOf('after starting'));
    await stack.stop();
  });

  // seed ◀started─ app, slow      seed ◀─ report
  test('a task that completes, or runs once more, is no loss to those that depend on it', async ({ rig }) => {
    const seed = rig.puppet('seed', '--wait', '--exit', 0, '--child', 'plain');
    const slow = rig.puppet('slow', '--wait', '--ready', 'up');
    rig.config({
      seed: { command: seed.command, ready: { exit: 0 }, dependsOn: [] },
      app: { ...STAYS, dependsOn: { seed: 'started' } },
      slow: { command: slow.command, ready: { log: 'up' }, dependsOn: { seed: 'started' } },
      report: { ...STAYS, dependsOn: ['seed'] },
    });
    const stack = up(rig);
    await stack.until('app', 'ready');
    await stack.until('slow', 'starting');
    await tell(seed, { do: 'go' });
    await stack.until('report', 'ready');
    await tell(slow, { do: 'go' });
    await stack.until('slow', 'ready');
    expect(stack.states('slow')).toEqual(['waiting', 'starting', 'ready']);
    const again = stack.devup('restart', 'seed');
    await stack.until('seed', 'starting', 2);
    await tell(seed, { do: 'go' });
    expect(await again).toMatchObject({ code: 0 });
    const notices = stack.events().flatMap(({ type, text }) => (type === 'notice' ? [text] : []));
    // On a busy machine a start may take long.
    expect(notices.filter((text) => text?.includes('is still starting') !== true)).toEqual([]);
    await stack.stop();
  });

  // a ◀ b, a ◀ tool (optional), tool ◀ user (optional, depends on it), lab ∈ profile
  function withOptional(rig: Rig): void {
    rig.config({
      a: STAYS,
      tool: { ...STAYS, optional: true },
      b: STAYS,
      user: { ...STAYS, optional: true, dependsOn: 'tool' },
      lab: { ...STAYS, profiles: ['lab'], dependsOn: [] },
    });
  }

  test('optional services and those with a profile are left out', async ({ rig }) => {
    withOptional(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect(await ready(rig)).toEqual(['a', 'b']);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('an optional service starts by --with, its profile, its name, or a service that depends on it', async ({ rig }) => {
    withOptional(rig);
    for (const more of [[], ['--dry-run']]) {
      const typo = await rig.devup(['start', '-d', '--profile', 'lap', ...more]);
      expect(typo).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('no service has the profile lap\nfix  did you mean --profile lab?'),
      });
    }
    expect((await rig.devup(['start', '-d', '--with', 'tool', '--profile', 'lab'])).code).toBe(0);
    expect(await ready(rig)).toEqual(['a', 'b', 'lab', 'tool']);
    expect((await rig.devup(['stop', 'tool', 'lab', 'b'])).code).toBe(0);
    expect((await rig.devup(['start', '-d', 'user'])).code).toBe(0);
    expect(await ready(rig)).toEqual(['a', 'tool', 'user']);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('--no-deps starts the named services only, among themselves in order', async ({ rig }) => {
    rig.config({ db: STAYS, task: DONE, api: STAYS, web: STAYS });
    const stack = up(rig, ['--no-deps', 'api', 'web']);
    await stack.until('web', 'ready');
    expect(stack.history('starting', 'ready')).toEqual(['api starting', 'api ready', 'web starting', 'web ready']);
    await stack.stop();
    expect(stack.history('stopped')).toEqual(['web stopped', 'api stopped']);
  });

  // task ◀ web
  test('a task that fails ends the start, and the services started before it are stopped', async ({ rig }) => {
    const port = await rig.port();
    rig.config({
      db: { port, command: rig.puppet('db', '--port', port).command },
      migrate: { command: node(`for (let i = 1; i <= 30; i++) console.log('line ' + i); process.exitCode = 3`), ready: { exit: 0 } },
      web: STAYS,
    });
    const answer = await rig.devup(['start', '-d']);
    expect(answer.code).toBe(7);
    expect(answer.stderr).toContain('migrate exited with code 3');
    expect(answer.stderr).toContain('line 30');
    expect(answer.stderr).toContain('line 11');
    expect(answer.stderr).not.toContain('line 10\n');
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ session: null });
  });

  // good ◀ bad
  test('a service that failed in a running session stays failed: status says why, and a wait for it exits 7', async ({ rig }) => {
    rig.config({
      good: { ...STAYS, dependsOn: [] },
      side: { ...STAYS, dependsOn: 'good' },
      bad: { command: node('process.exitCode = 3'), ready: { log: 'never' }, dependsOn: 'side' },
    });
    expect((await rig.devup(['start', '-d', 'good'])).code).toBe(0);
    expect((await rig.devup(['start', '-d', 'bad'])).code).toBe(7);
    const { services } = (await rig.devup(['status', '--json'])).json() as { services: readonly object[] };
    expect(services).toMatchObject([
      { name: 'good', state: 'ready' },
      { name: 'side', state: 'stopped' },
      { name: 'bad', state: 'failed', problem: { code: 'E101', message: 'bad exited with code 3 before it was ready' } },
    ]);
    const waited = await rig.devup(['wait', 'bad', '--timeout', '20s']);
    expect(waited).toMatchObject({ code: 7, stderr: expect.stringContaining('bad exited with code 3') as unknown });
    expect((await rig.devup(['stop', 'bad'])).code).toBe(0);
    expect((await rig.devup(['status', 'bad', '--json'])).json()).toMatchObject({ services: [{ state: 'stopped' }] });
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  // bad   good      bad ◀ needs
  test('--keep-going leaves the rest running, and dependents of the failed service wait', async ({ rig }) => {
    rig.config({
      bad: { command: ['false'], ready: { log: 'never' }, dependsOn: [] },
      good: { ...STAYS, dependsOn: [] },
      needs: { ...STAYS, dependsOn: 'bad' },
    });
    const answer = await rig.devup(['start', '-d', '--keep-going']);
    expect(answer.code).toBe(7);
    const { services } = (await rig.devup(['status', '--json'])).json() as { services: { name: string; state: string }[] };
    expect(services.map(({ name, state }) => `${name} ${state}`)).toEqual(['bad failed', 'good ready', 'needs waiting']);
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  // one, two, three, four, five, good: independent
  test('--keep-going says of every failed service why, wherever the session runs', async ({ rig }) => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const bad = names.map((name, i) => [name, { command: ['sh', '-c', `exit ${i + 3}`], ready: { log: 'never' }, dependsOn: [] }] as const);
    rig.config({ ...Object.fromEntries(bad), good: { ...STAYS, dependsOn: [] } });
    const reasons = (stderr: string) =>
      [...stderr.matchAll(/^error E101: (\w+) exited with code (\d)/gm)].map(([, name, code]) => `${name} ${code}`).sort();
    const all = names.map((name, i) => `${name} ${i + 3}`).sort();
    expect(reasons((await rig.devup(['start', '-d', '--keep-going'])).stderr)).toEqual(all);
    expect(reasons((await rig.devup(['start', '-d', '--keep-going'])).stderr)).toEqual(all);
    expect(reasons((await rig.devup(['start', '--keep-going', 'one', 'two'])).stderr)).toEqual(['one 3', 'two 4']);
    expect((await rig.devup(['stop'])).code).toBe(0);
    rig.config(Object.fromEntries(bad));
    expect(reasons((await rig.devup(['start', '--keep-going'])).stderr)).toEqual(all);
  });

  // worker ◀ web
  test('a start fails with the reason if a dependency has ended, instead of waiting for ever', async ({ rig }) => {
    const worker = rig.puppet('worker');
    rig.config({
      worker: { command: worker.command, dependsOn: [] },
      slow: { command: rig.puppet('slow').command, ready: { command: 'test -e made', interval: '20ms' }, dependsOn: [] },
      web: { ...STAYS, dependsOn: ['slow', 'worker'] },
    });
    const stack = up(rig);
    await stack.until('worker', 'ready');
    await stack.until('slow', 'starting');
    await tell(worker, { do: 'exit', code: 0 });
    await stack.until('worker', 'stopped');
    rig.write('made', '');
    expect((await stack.running.exited).code).toBe(7);
    expect(stack.running.stdout).toMatch(/"code":"E106"/);
    expect(stack.history('stopped')).toContain('slow stopped');
  });

  // sick      fresh
  test('a start beside an unhealthy service starts what is missing, and names what is not ready', async ({ rig }) => {
    const port = await rig.port();
    const sick = rig.puppet('sick', '--port', port);
    rig.config({ sick: { port, command: sick.command, dependsOn: [] }, fresh: { ...STAYS, dependsOn: [] } });
    const stack = up(rig, ['sick'], FAST_WATCH);
    await stack.until('sick', 'ready');
    await tell(sick, { do: 'close', at: port });
    await stack.until('sick', 'unhealthy');
    const answer = await stack.devup('start', '-d');
    expect(answer.code).toBe(7);
    expect(answer.stderr).toContain('E107');
    expect(await ready(rig)).toEqual(['fresh']);
    await stack.stop();
  });
});

async function ready(rig: Rig): Promise<readonly string[]> {
  const { services } = (await rig.devup(['status', '--json'])).json() as { services: { name: string; state: string }[] };
  return services
    .filter(({ state }) => state === 'ready')
    .map(({ name }) => name)
    .sort();
}
