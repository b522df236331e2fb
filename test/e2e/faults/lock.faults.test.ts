/** One supervisor per stack, whatever user, place or number of simultaneous starts. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { Running } from '../../rig/running.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { isAlive, status } from '../ports/answers.ts';
import { LONG, stackFolder, tell } from './measure.ts';
import { allGone, diesWithItsGuard, guardOf, recordFile, recordOf } from './session.ts';

const NOBODY = 65534;
const asRoot = process.getuid?.() === 0;
const devup = `"${process.execPath}" "${inject('devup')}"`;

/** A network namespace needs root, or a system that lets users create namespaces. */
const UNSHARE = [['-n'], ['-n', '-U', '-r']].find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);

function controlSocket(rig: Rig): string {
  return join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup', stackFolder(rig).split('/').at(-1) as string);
}

describe('F7: many starts at once', () => {
  test('F7: of 20 concurrent starts over a stale socket, one becomes the supervisor and the others attach', async ({ rig }) => {
    const rounds = LONG ? 50 : 2;
    const web = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const began = performance.now();
    for (let round = 1; round <= rounds; round++) {
      const { pid } = recordOf(rig).supervisor;
      const guard = guardOf(rig);
      process.kill(pid, 'SIGKILL');
      await allGone([web]);
      await eventually('the guard to be gone', () => !isAlive(guard));
      expect(existsSync(controlSocket(rig))).toBe(true);
      const answers = await Promise.all(Array.from({ length: 20 }, () => rig.devup(['start', '-d'])));
      expect(answers.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(Array(20).fill(0));
      expect(answers.filter(({ stderr }) => !/is already running/.test(stderr)).length).toBeGreaterThan(0);
      expect(web.journal().filter(({ event }) => event === 'started')).toHaveLength(1 + round);
      expect((await status(rig)).session?.pid).toBe(recordOf(rig).supervisor.pid);
    }
    tell(`F7: 20 starts at once, ${rounds} rounds: one supervisor each, ${Math.round((performance.now() - began) / rounds)} ms a round`);
    expect((await rig.devup(['stop'])).code).toBe(0);
    await expectCleanWorld(rig);
  });
});

describe.concurrent('F8: a session that cannot be reached', () => {
  test('F8: a stopped supervisor is named as not answering, and not taken over', async ({ rig }) => {
    const web = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: web.command, ready: { log: 'up' } } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const pid = (await status(rig)).session?.pid as number;
    process.kill(pid, 'SIGSTOP');
    try {
      const commands = [['start', '-d'], ['start'], ['stop'], ['restart', 'web']];
      const answers = await Promise.all(commands.map((args) => rig.devup(args)));
      for (const [i, { code, stderr }] of answers.entries()) {
        expect({ args: commands[i], code }).toEqual({ args: commands[i], code: 1 });
        expect(stderr).toMatch(/error E402: .* does not answer/);
        expect(stderr).toContain(`pid ${pid} `);
      }
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect((await status(rig)).session).toMatchObject({ pid });
    expect(web.journal().filter(({ event }) => event === 'started')).toHaveLength(1);
    expect((await rig.devup(['stop'])).code).toBe(0);
    await expectCleanWorld(rig);
  });

  test('F8: of a stopped supervisor, status shows the ports, and `kill --force` frees one', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.config({ web: { port, command: web.command } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const { pid } = recordOf(rig).supervisor;
    process.kill(pid, 'SIGSTOP');
    const shown = await rig.devup(['status']);
    expect(shown.stdout).toMatch(new RegExp(`rig  does not answer\\n[\\s\\S]*web +${port} +\\? unknown +\\d+ +devup`));
    expect(shown.stderr).toMatch(new RegExp(`error E402: [\\s\\S]*kill -CONT ${pid} [\\s\\S]*kill -9 ${pid} `));
    expect(shown.code).toBe(1);
    expect((await rig.devup(['kill', String(port)])).stdout).toMatch(/E402/);
    expect(web.pids().filter(isAlive)).not.toEqual([]);
    const killed = await rig.devup(['kill', String(port), '--force']);
    expect({ code: killed.code, told: killed.stderr }).toMatchObject({ code: 0 });
    expect(web.pids().filter(isAlive)).toEqual([]);
    process.kill(pid, 'SIGKILL');
    await eventually('the supervisor to be gone', () => !isAlive(pid));
    await eventually('an end of leftovers', async () => (await rig.devup(['stop'])).code === 0);
    rmSync(controlSocket(rig));
    await expectCleanWorld(rig);
  });

  describe.runIf(UNSHARE)('from another network namespace, where the lock cannot be seen', () => {
    const elsewhere = async (rig: Rig, script: string) => {
      const running = new Running('unshare', [...(UNSHARE ?? []), 'sh', '-c', script], { cwd: rig.root, env: rig.env });
      return { ...(await running.exited), stderr: running.stderr };
    };
    const touched = (rig: Rig, minutesAgo: number) =>
      writeFileSync(recordFile(rig), JSON.stringify({ ...recordOf(rig), touchedAtMs: Date.now() - minutesAgo * 60_000 }));

    test('F8: from another network namespace, a living session is neither duplicated nor ended, even after a long stop', async ({
      rig,
    }) => {
      const web = rig.puppet('web', '--ready', 'up');
      rig.config({ web: { command: web.command, ready: { log: 'up' } } });
      expect((await rig.devup(['start', '-d'])).code).toBe(0);
      const { pid } = recordOf(rig).supervisor;
      for (const minutesAgo of [0, 10]) {
        // A stopped supervisor no longer touches its record.
        if (minutesAgo > 0) process.kill(pid, 'SIGSTOP');
        touched(rig, minutesAgo);
        for (const command of ['start', 'start -d', 'stop', 'status']) {
          const answer = await elsewhere(rig, `exec ${devup} ${command}`);
          expect({ command, told: answer.stderr }).toEqual({ command, told: expect.stringMatching(/error E409: [\s\S]*--force/) });
          expect(answer.stderr).toContain(`pid ${pid}`);
          expect(answer.code).toBe(1);
        }
      }
      process.kill(pid, 'SIGCONT');
      expect(recordOf(rig).supervisor.pid).toBe(pid);
      expect(web.journal().filter(({ event }) => event === 'started' || event === 'signal')).toHaveLength(1);
      expect((await rig.devup(['stop'])).code).toBe(0);
      // Once it is over, the other session may start.
      expect(await elsewhere(rig, `${devup} start -d && ${devup} stop`)).toMatchObject({ code: 0 });
      expect(web.journal().filter(({ event }) => event === 'started')).toHaveLength(2);
      await expectCleanWorld(rig);
    });

    // An ordinary user needs a user namespace for it, in which the markers of processes outside cannot be read.
    test.runIf(asRoot)(
      'F8: from another network namespace, a killed session counts as dead after 90 s, or at once with --force',
      async ({ rig }) => {
        const web = rig.puppet('web', '--ready', 'up');
        rig.config({ web: { command: web.command, ready: { log: 'up' } } });
        for (const [minutesAgo, args] of [
          [2, ''],
          [1, '--force'],
        ] as const) {
          expect((await rig.devup(['start', '-d'])).code).toBe(0);
          await diesWithItsGuard(rig);
          touched(rig, 1);
          expect((await elsewhere(rig, `exec ${devup} start -d`)).stderr).toMatch(/error E409: /);
          touched(rig, minutesAgo);
          const left = web.pids().filter(isAlive);
          expect(left).toHaveLength(1);
          // Its leftovers are taken back, as everywhere.
          expect(await elsewhere(rig, `${devup} start -d ${args} && ${devup} stop`)).toMatchObject({ code: 0 });
          expect(left.filter(isAlive)).toEqual([]);
        }
        await expectCleanWorld(rig);
      },
    );
  });

  test.runIf(asRoot)(
    'F8: another user of the same checkout learns who owns the session, and can neither start nor stop it',
    async ({ rig }) => {
      const web = rig.puppet('web', '--ready', 'up');
      rig.config({ web: { command: web.command, ready: { log: 'up' } } });
      expect((await rig.devup(['start', '-d'])).code).toBe(0);
      const { pid } = recordOf(rig).supervisor;
      const home = join(rig.home, 'nobody');
      mkdirSync(home);
      chownSync(home, NOBODY, NOBODY);
      const theirs = { uid: NOBODY, env: { HOME: home, XDG_RUNTIME_DIR: undefined, XDG_CACHE_HOME: home, TMPDIR: home } };
      // The rig's folders are private; those on the way to the project are opened by the other user's first command.
      spawnSync('chmod', ['755', rig.root, rig.home]);
      for (const args of [['start', '-d'], ['start'], ['stop'], ['restart', 'web']]) {
        const answer = await rig.devup(args, theirs);
        expect({ args, code: answer.code }).toEqual({ args, code: 1 });
        expect(answer.stderr).toMatch(/error E403: [\s\S]*root/);
      }
      expect((await status(rig)).session?.pid).toBe(pid);
      expect(web.journal().filter(({ event }) => event === 'started' || event === 'signal')).toHaveLength(1);
      expect((await rig.devup(['stop'])).code).toBe(0);
      await expectCleanWorld(rig);
    },
  );

  test('F8: with another XDG_RUNTIME_DIR, or none, the same session is found', async ({ rig }) => {
    rig.config({ web: { command: 'sleep 1000' } });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const pid = (await status(rig)).session?.pid;
    const other = join(rig.home, 'run');
    mkdirSync(other, { mode: 0o700 });
    for (const XDG_RUNTIME_DIR of [other, undefined]) {
      expect((await status(rig, { env: { XDG_RUNTIME_DIR } })).session?.pid).toBe(pid);
      expect((await rig.devup(['start', '-d'], { env: { XDG_RUNTIME_DIR } })).stderr).toMatch(/is already running/);
    }
    expect((await rig.devup(['stop'], { env: { XDG_RUNTIME_DIR: undefined } })).code).toBe(0);
    expect((await status(rig)).session).toBe(null);
    await expectCleanWorld(rig);
  });
});
