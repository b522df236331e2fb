/** devup itself dies at any instruction, or goes wrong: nothing of a session is left, nothing is started twice. */
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { up } from '../lifecycle/stack.ts';
import { isAlive } from '../ports/answers.ts';
import { LONG, stackFolder, tell } from './measure.ts';
import { allGone, diesWithItsGuard, guardOf, recordOf, residentKiB } from './session.ts';

const failing = (fail: string) => ({ forFailures: true, env: { DEVUP_FAIL: fail } });
const NONE = failing('');

/** Each on its port, one after the other, with a grandchild in another session. */
async function chain(rig: Rig, names: readonly string[], grandchild: string): Promise<readonly Puppet[]> {
  const config: Record<string, object> = {};
  const puppets: Puppet[] = [];
  for (const name of names) {
    const port = await rig.port();
    const puppet = rig.puppet(name, '--port', port, '--child', grandchild);
    puppets.push(puppet);
    config[name] = { port, command: puppet.command, stop: { timeout: '500ms' } };
  }
  rig.config(config);
  return puppets;
}

/** one ◀ two ◀ three */
function threeServices(rig: Rig): Promise<readonly Puppet[]> {
  return chain(rig, ['one', 'two', 'three'], 'setsid+orphan+stubborn');
}

/** The next start succeeds, runs each service once, and everything from before is gone when it returns. */
async function converges(rig: Rig, puppets: readonly Puppet[]): Promise<void> {
  const before = puppets.flatMap((puppet) => puppet.pids());
  const answer = await rig.devup(['start', '-d'], NONE);
  expect(answer).toMatchObject({ code: 0 });
  expect(before.filter(isAlive)).toEqual([]);
  for (const puppet of puppets) {
    const listening = () => puppet.journal().filter(({ event, pid }) => event === 'listening' && isAlive(pid));
    // A listening port shows that it is up before it can say so itself.
    await eventually('it says that it listens', () => listening().length > 0);
    expect(listening()).toHaveLength(1);
  }
  expect((await rig.devup(['stop'])).code).toBe(0);
  expect(puppets.flatMap((puppet) => puppet.pids()).filter(isAlive)).toEqual([]);
  await expectCleanWorld(rig);
}

describe.concurrent('F1: the supervisor is killed while all run', () => {
  for (const how of ['in the foreground', 'in the background'] as const) {
    // four services, each with two grandchildren: one in the group, one that left its session; some ignore SIGTERM
    test(`F1: ${how} a small guard ends all 12 processes`, async ({ rig }) => {
      const puppets = ['a', 'b', 'c', 'd'].map((name, i) =>
        rig.puppet(
          name,
          '--ready',
          'up',
          ...(i % 2 === 0 ? ['--ignore', 'SIGTERM'] : []),
          '--child',
          'stubborn',
          '--child',
          i < 2 ? 'setsid+stubborn' : 'setsid+orphan',
        ),
      );
      rig.config(
        Object.fromEntries(
          puppets.map((puppet, i) => [
            'abcd'[i],
            { command: puppet.command, ready: { log: 'up' }, dependsOn: [], stop: { timeout: '500ms' } },
          ]),
        ),
      );
      const running = how === 'in the foreground' ? rig.start(['start']) : null;
      if (running) await running.waitForOutput(/4 services ready/);
      else expect((await rig.devup(['start', '-d'])).code).toBe(0);
      await Promise.all(puppets.map((puppet) => puppet.waitFor('started', 3)));
      const pids = puppets.flatMap((puppet) => puppet.pids()).filter(isAlive);
      expect(pids).toHaveLength(12);
      const guard = guardOf(rig);
      expect(isAlive(guard)).toBe(true);
      const idle = residentKiB(guard);
      const killed = performance.now();
      process.kill(recordOf(rig).supervisor.pid, 'SIGKILL');
      if (running) expect((await running.exited).signal).toBe('SIGKILL');
      await allGone(puppets);
      tell(`F1: ${how}: 0 of ${pids.length} left after ${Math.round(performance.now() - killed)} ms; the guard: ${idle} KiB resident`);
      await eventually('the guard to be gone', () => !isAlive(guard));
      expect(idle).toBeLessThan(5 * 1024);
      rig.config({ next: { command: 'sleep 1000' } });
      await converges(rig, []);
    });
  }

  test('F1: a start waits while the guard ends processes, then finds nothing to end', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig);
    await stack.until('three', 'ready');
    const guard = guardOf(rig);
    stack.running.signal('SIGKILL');
    await stack.running.exited;
    expect(isAlive(guard)).toBe(true);
    const before = puppets.flatMap((puppet) => puppet.pids());
    const next = rig.start(['start']);
    await next.waitForOutput(/3 services ready/);
    expect([guard, ...before].filter(isAlive)).toEqual([]);
    expect(next.stdout + next.stderr).not.toMatch(/earlier session/);
    next.signal('SIGINT');
    expect((await next.exited).code).toBe(130);
    await expectCleanWorld(rig);
  });

  test('F1: a killed guard is replaced by one that works', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig);
    await stack.until('three', 'ready');
    const first = guardOf(rig);
    process.kill(first, 'SIGKILL');
    await eventually('another guard', () => guardOf(rig) !== first && isAlive(guardOf(rig)));
    stack.running.signal('SIGKILL');
    await allGone(puppets);
    await converges(rig, puppets);
  });

  for (const [next, args] of [
    ['start', ['start', '-d']],
    ['stop', ['stop']],
  ] as const) {
    test(`F1: if devup and its guard are killed, the next ${next} ends everything and adopts nothing`, async ({ rig }) => {
      const puppets = await chain(rig, ['one', 'two', 'three'], 'setsid+orphan');
      expect((await rig.devup(['start', '-d'])).code).toBe(0);
      const before = puppets.flatMap((puppet) => puppet.pids());
      await diesWithItsGuard(rig);
      expect(before.every(isAlive)).toBe(true);
      expect((await rig.devup(args)).code).toBe(0);
      expect(before.filter(isAlive)).toEqual([]);
      if (next === 'stop') await converges(rig, puppets);
      else expect((await rig.devup(['stop'])).code).toBe(0);
      await expectCleanWorld(rig);
    });
  }

  test('F1: a browser that a service opened survives with its children; the service does not', async ({ rig }) => {
    chmodSync(rig.write('firefox', '#!/bin/sh\nsleep 1000 &\necho $$ $! > opened\nwait\n'), 0o755);
    // Known by the marker alone: the same in another session, but not a program that people share.
    chmodSync(rig.write('helper', '#!/bin/sh\necho $$ > helped\nexec sleep 1000\n'), 0o755);
    const web = rig.puppet('web', '--port', await rig.port());
    rig.config({ opener: { command: 'setsid -f ./firefox; setsid -f ./helper; exec sleep 1000' }, web: { command: web.command } });
    const stack = up(rig);
    await stack.until('web', 'ready');
    const pids = (name: string) => {
      const file = join(rig.root, name);
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
    };
    await eventually('both to run', () => pids('opened').length === 2 && pids('helped').length === 1);
    const opened = pids('opened');
    for (const pid of [...opened, ...pids('helped')]) rig.remember(pid);
    const guard = guardOf(rig);
    stack.running.signal('SIGKILL');
    await stack.running.exited;
    await eventually('the guard to be gone', () => !isAlive(guard));
    expect(opened.map(isAlive)).toEqual([true, true]);
    expect([...pids('helped'), ...web.pids()].filter(isAlive)).toEqual([]);
    // The next command does not end it either.
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(opened.map(isAlive)).toEqual([true, true]);
    for (const pid of opened) process.kill(pid, 'SIGKILL');
    await eventually('the browser to be gone', () => !opened.some(isAlive));
    rig.config({ next: { command: 'sleep 1000' } });
    await converges(rig, []);
  });

  test('F1: a normal stop also removes the guard and the record', async ({ rig }) => {
    await threeServices(rig);
    const stack = up(rig);
    await stack.until('three', 'ready');
    const guard = guardOf(rig);
    await stack.stop();
    expect(isAlive(guard)).toBe(false);
    expect(readdirSync(stackFolder(rig))).not.toContain('record.json');
    await expectCleanWorld(rig);
  });
});

describe.concurrent('F2, F3: the supervisor dies at one of its steps, and what comes next converges', () => {
  /** The command sent once all is ready; null: devup dies in its start. */
  const places: readonly (readonly [string, readonly string[] | null])[] = [
    ['before-record:kill', null],
    ['after-record:kill', null],
    ['after-spawn:kill:two', null],
    ['before-recorded:kill:two', null],
    ['after-ready:kill:two', null],
    ['while-ending:kill:two', ['restart', 'two']],
    ['after-spawn:kill:two:2', ['restart', 'two']],
    ['after-ready:kill:two:2', ['restart', 'two']],
    ['while-ending:kill:two', ['stop']],
    ['after-ending:kill:one', ['stop']],
    ['before-guard-leaves:kill', ['stop']],
    ['before-record-removal:kill', ['stop']],
    ['after-record-removal:kill', ['stop']],
  ];
  const more: typeof places = [
    ['after-spawn:kill:one', null],
    ['before-recorded:kill:one', null],
    ['after-ready:kill:one', null],
    ['after-ending:kill:two', ['restart', 'two']],
    ['before-recorded:kill:two:2', ['restart', 'two']],
    ['after-ending:kill:two', ['stop']],
    ['while-ending:kill:one', ['stop']],
  ];
  const dies = async (rig: Rig, fail: string, command: readonly string[] | null) => {
    const puppets = await chain(rig, ['one', 'two'], 'setsid+orphan');
    const running = rig.start(['start'], failing(fail));
    if (command) {
      await running.waitForOutput(/2 services ready/);
      const answer = await rig.devup(command, NONE);
      // An unseen end is not reported.
      if (/ending|spawn/.test(fail)) expect(answer.code, answer.stderr).not.toBe(0);
    }
    expect((await running.exited).signal).toBe('SIGKILL');
    await converges(rig, puppets);
  };
  for (const [fail, command] of LONG ? [...places, ...more] : places) {
    const where = `${fail.replace(':kill', '')} in ${command?.join(' ') ?? 'start'}`;
    if (fail.startsWith('after-spawn')) {
      test(`F2: devup killed between a spawn and its record, at ${where}: the service is found by its marker and does not run twice`, ({
        rig,
      }) => dies(rig, fail, command));
    } else {
      test(`F3: devup killed at ${where}: the next start converges`, ({ rig }) => dies(rig, fail, command));
    }
  }
});

describe.concurrent('F24: a bug in devup', () => {
  test('F24: a bug stops three running services in order, writes a crash file, and exits 70', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], failing('actor-impossible:tell:three'));
    expect((await stack.running.exited).code).toBe(70);
    expect(stack.history('ready')).toEqual(['one ready', 'two ready', 'three ready']);
    expect(stack.history('stopped')).toEqual(['three stopped', 'two stopped', 'one stopped']);
    expect(puppets.flatMap((puppet) => puppet.pids()).filter(isAlive)).toEqual([]);
    const [crash] = readdirSync(stackFolder(rig)).filter((name) => name.startsWith('crash-'));
    expect(readFileSync(join(stackFolder(rig), crash as string), 'utf8')).toMatch(/input membersGone in state ready[\s\S]*at /);
    expect(stack.running.stdout + stack.running.stderr).toContain(crash as string);
    await expectCleanWorld(rig);
  });

  test('F24: a bug between a spawn and its bookkeeping leaves no process', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], failing('after-spawn:throw:two'));
    expect((await stack.running.exited).code).toBe(70);
    expect(puppets.flatMap((puppet) => puppet.pids()).filter(isAlive)).toEqual([]);
    await expectCleanWorld(rig);
  });

  test('F24: a bug in the background sets the exit code of the command that started the session', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const answer = await rig.devup(['start', '-d'], failing('actor-impossible:tell:two'));
    expect(answer.code).toBe(70);
    expect(answer.stderr).toContain('E470');
    await allGone(puppets);
    await expectCleanWorld(rig);
  });

  test('F24: a bug during the stop of a service leaves nothing alive', async ({ rig }) => {
    const puppets = await threeServices(rig);
    const stack = up(rig, [], failing('while-ending:throw:two'));
    await stack.until('three', 'ready');
    stack.running.signal('SIGTERM');
    expect((await stack.running.exited).code).toBe(70);
    expect(puppets.flatMap((puppet) => puppet.pids()).filter(isAlive)).toEqual([]);
    expect(stack.history('stopped')).toContain('one stopped');
    await expectCleanWorld(rig);
  });
});
