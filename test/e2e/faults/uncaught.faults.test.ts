/**
 * Uncaught errors, in devup itself and in code that a config leaves running in its process: the end is orderly, and the error
 * names the culprit.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { stackId } from '../../../src/model/stack-id.ts';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { isAlive } from '../ports/answers.ts';
import { allGone } from './session.ts';

describe.concurrent('F24: an exception that nobody catches', () => {
  const thrown = { exception: "throw new Error('nobody catches this')", rejection: "Promise.reject(new Error('nobody catches this'))" };
  for (const [kind, statement] of Object.entries(thrown)) {
    test(`F24: an uncaught ${kind} in devup itself: services are stopped, a file has the stack trace, exit 70`, async ({ rig }) => {
      const [one, two] = [rig.puppet('one', '--ready', 'up', '--child', 'setsid+orphan'), rig.puppet('two', '--ready', 'up')];
      const ready = { log: 'up' };
      rig.config({ one: { command: one.command, ready }, two: { command: two.command, ready } });
      const trap = rig.write('trap.cjs', `if (process.argv[2] === 'start') process.on('SIGUSR2', () => { ${statement}; });`);
      const running = rig.start(['start'], { env: { NODE_OPTIONS: `--require ${trap}` } });
      await running.waitForOutput(/2 services ready/);
      running.signal('SIGUSR2');
      expect((await running.exited).code).toBe(70);
      expect(running.stderr).toMatch(/error E470/);
      expect([...one.pids(), ...two.pids()].filter(isAlive)).toEqual([]);
      expect(crashOf(rig, join(rig.root, 'orchestrator.config.json'))).toMatch(/nobody catches this[\s\S]*trap\.cjs/);
      await expectCleanWorld(rig);
    });

    test(`F24: an uncaught ${kind} in the config after it was loaded: the session stops in order and blames the config`, async ({
      rig,
    }) => {
      const web = rig.puppet('web', '--ready', 'up', '--child', 'setsid+orphan');
      const file = throwsOn(rig, statement, { web: { command: web.command, ready: { log: 'up' } } });
      const running = rig.start(['start']);
      await running.waitForOutput(/1 service ready/);
      rig.write('now', '');
      expect((await running.exited).code).toBe(3);
      expect(running.stderr).toMatch(
        /error E306: .*orchestrator\.config\.mjs:\d+.* threw an uncaught error[\s\S]*why {2}nobody catches this/,
      );
      expect(running.stderr).not.toContain('E470');
      expect(web.pids().filter(isAlive)).toEqual([]);
      expect(crashOf(rig, file)).toMatch(/nobody catches[\s\S]*config\.mjs/);
      await expectCleanWorld(rig);
    });

    for (const args of [['start'], ['start', '-d'], ['run', '--', 'true']]) {
      test(`F24: an uncaught ${kind} in the config before any service runs: ${args.join(' ')} starts nothing and exits 3`, async ({
        rig,
      }) => {
        const web = rig.puppet('web');
        throwsOn(rig, statement, { web: { command: web.command } });
        const running = rig.start(args, { forFailures: true, env: { DEVUP_FAIL: 'before-record:hang' } });
        await eventually('the session to begin', () => logFolderThere(rig));
        rig.write('now', '');
        expect((await running.exited).code).toBe(3);
        expect(running.stderr).toMatch(/error E30[26]: .*orchestrator\.config\.mjs/);
        expect(web.journal()).toEqual([]);
        await expectCleanWorld(rig);
      });
    }
  }

  test('F24: an error in the config of a background session: it stops in order, its log says why, and the next start works', async ({
    rig,
  }) => {
    const web = rig.puppet('web', '--ready', 'up');
    const file = throwsOn(rig, thrown.exception, { web: { command: web.command, ready: { log: 'up' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const follower = rig.start(['logs', '-f']);
    await follower.waitForOutput(/up/);
    rig.write('now', '');
    await follower.exited;
    await allGone([web]);
    expect(web.journal().filter(({ event }) => event === 'signal')).toHaveLength(1);
    const log = join(folderOf(rig, file), 'supervisor.log');
    await eventually('it to be told', () => /error E306: .*orchestrator\.config\.mjs/.test(readFileSync(log, 'utf8')));
    rmSync(join(rig.root, 'now'));
    for (const args of [['start', '-d'], ['stop']]) expect(await rig.devup(args)).toMatchObject({ code: 0 });
    expect(web.pids().filter(isAlive)).toEqual([]);
    await expectCleanWorld(rig);
  });

  for (const json of [false, true]) {
    test(`F24: a start that follows a background session exits as that does when its config throws${json ? ', also as JSON' : ''}`, async ({
      rig,
    }) => {
      const services = { web: { command: 'sleep 1000' }, worker: { command: 'sleep 1000', dependsOn: [] } };
      // The follower has read the config as well, but only the session's own process ends here.
      throwsOn(rig, `if (process.argv[2] === '__launched') ${thrown.exception}`, services);
      expect((await rig.devup(['start', 'web', '-d'])).code).toBe(0);
      const follower = rig.start(['start', ...(json ? ['--json'] : [])]);
      await follower.waitForOutput(json ? /"service":"worker".*"state":"ready"/ : /following the logs of 2 services/);
      rig.write('now', '');
      expect((await follower.exited).code).toBe(3);
      if (json) {
        expect(follower.lines.at(-1)).toMatchObject({ type: 'done', ok: false, exitCode: 3 });
        expect(follower.lines.at(-2)).toMatchObject({ error: { code: 'E306' } });
      } else expect(follower.stderr.match(/error E306: .*orchestrator\.config\.mjs/g)).toHaveLength(1);
      await expectCleanWorld(rig);
    });
  }

  // web: ignores its stop signal for a moment, and meanwhile the timer of the config throws on
  test('F24: a config that throws again and again is blamed once, with one file, however long the end takes', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up', '--ignore', 'SIGTERM');
    const file = throwsOn(rig, thrown.exception, { web: { command: web.command, ready: { log: 'up' }, stop: { timeout: '1s' } } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    rig.write('now', '');
    expect((await running.exited).code).toBe(3);
    expect(running.stderr.match(/error E306/g)).toHaveLength(1);
    expect(readdirSync(folderOf(rig, file)).filter((name) => name.startsWith('crash-'))).toHaveLength(1);
    expect(web.pids().filter(isAlive)).toEqual([]);
    await expectCleanWorld(rig);
  });

  test('F24: a config that calls process.exit long after it was loaded also ends its session in order', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    throwsOn(rig, 'process.exit(0)', { web: { command: web.command, ready: { log: 'up' } } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    rig.write('now', '');
    expect((await running.exited).code).toBe(3);
    expect(running.stderr).toMatch(/error E306: .*orchestrator\.config\.mjs:\d+[\s\S]*called process\.exit\(0\)/);
    expect(web.journal().filter(({ event }) => event === 'signal')).toHaveLength(1);
    await expectCleanWorld(rig);
  });

  test('F24: a command that runs with the stack is ended if the config throws', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    throwsOn(rig, thrown.rejection, { web: { command: web.command, ready: { log: 'up' } } });
    const running = rig.start(['run', '--', 'sh', '-c', 'touch now; exec sleep 1000']);
    expect((await running.exited).code).not.toBe(0);
    expect(running.stderr).toMatch(/error E306: .*orchestrator\.config\.mjs/);
    expect(web.pids().filter(isAlive)).toEqual([]);
    await expectCleanWorld(rig);
  });
});

/** A config that runs this statement in the processes of a session once a file `now` exists. */
function throwsOn(rig: Rig, statement: string, services: object): string {
  return rig.write(
    'orchestrator.config.mjs',
    `import { existsSync } from 'node:fs';
    if (process.argv[2] !== '__config')
      setInterval(() => { if (existsSync(new URL('now', import.meta.url))) { ${statement}; } }, 50);
    export default ${JSON.stringify({ name: 'rig', services })};`,
  );
}

function folderOf(rig: Rig, config: string): string {
  return join(rig.root, '.devup', stackId(config));
}

function logFolderThere(rig: Rig): boolean {
  return existsSync(join(folderOf(rig, join(rig.root, 'orchestrator.config.mjs')), 'logs'));
}

function crashOf(rig: Rig, config: string): string {
  const [crash] = readdirSync(folderOf(rig, config)).filter((name) => name.startsWith('crash-'));
  return readFileSync(join(folderOf(rig, config), crash as string), 'utf8');
}
