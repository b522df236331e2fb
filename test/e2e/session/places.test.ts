import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';

const NOBODY = 65534;

async function sessionPid(rig: Rig, args: readonly string[] = [], options: Parameters<Rig['devup']>[1] = {}): Promise<number | null> {
  const status = (await rig.devup(['status', '--json', ...args], options)).json() as { session: { pid: number } | null };
  return status.session?.pid ?? null;
}

describe.concurrent('where a session is found', () => {
  test('from every folder below, with -C, --config and DEVUP_CONFIG', async ({ rig }) => {
    const config = rig.config({ web: { command: ['sh', '-c', 'echo here; exec sleep 1000'], ready: { log: 'here' } } });
    const below = join(rig.root, 'some', 'folder');
    mkdirSync(below, { recursive: true });
    const running = rig.start(['start'], { cwd: below });
    await running.waitForOutput(/1 service ready/);
    const ways: readonly [readonly string[], Parameters<Rig['devup']>[1]][] = [
      [[], { cwd: below }],
      [['-C', rig.root], { cwd: rig.home }],
      [['--config', config], { cwd: rig.home }],
      [[], { cwd: rig.home, env: { DEVUP_CONFIG: config } }],
    ];
    for (const [args, options] of ways) {
      expect(await sessionPid(rig, args, options)).toBe(running.pid);
      expect((await rig.devup(['logs', '--no-prefix', ...args], options)).stdout).toMatch(/^(here\n)+$/);
      expect((await rig.devup(['restart', 'web', ...args], options)).code).toBe(0);
    }
    expect((await rig.devup(['stop', '-C', below], { cwd: rig.home })).code).toBe(0);
    expect((await running.exited).code).toBe(0);
  });

  test('two worktrees of one repository are two stacks, and neither signals the other', async ({ rig }) => {
    const puppets = ['one', 'two'].map((name) => rig.puppet(name, '--ready', 'up'));
    const folders = ['one', 'two'].map((name, i) => {
      const services = { web: { command: puppets[i]?.command, ready: { log: 'up' } } };
      rig.write(`${name}/orchestrator.config.json`, { name: 'same', services });
      return join(rig.root, name);
    });
    for (const cwd of folders) expect((await rig.devup(['start', '-d'], { cwd })).code).toBe(0);
    const [first, second] = [
      await sessionPid(rig, [], { cwd: folders[0] as string }),
      await sessionPid(rig, [], { cwd: folders[1] as string }),
    ];
    expect(first).not.toBe(second);
    expect((await rig.devup(['stop'], { cwd: folders[0] as string })).code).toBe(0);
    expect(puppets.map((puppet) => puppet.journal().filter(({ event }) => event === 'signal').length)).toEqual([1, 0]);
    expect((await rig.devup(['status'], { cwd: folders[1] as string })).code).toBe(0);
    expect((await rig.devup(['stop'], { cwd: folders[1] as string })).code).toBe(0);
  });

  test('the control socket answers curl', async ({ rig }) => {
    rig.config({ web: { command: 'sleep 1000' } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    const { id } = (await rig.devup(['status', '--json'])).json() as { id: string };
    const curl = (path: string, ...more: readonly string[]) =>
      JSON.parse(
        execFileSync(
          'curl',
          ['-s', '--unix-socket', join(String(rig.env['XDG_RUNTIME_DIR']), 'devup', id), `http://devup${path}`, ...more],
          {
            encoding: 'utf8',
          },
        ),
      ) as object;
    expect(curl('/v1/session')).toMatchObject({ schemaVersion: 1, id, session: { pid: running.pid }, services: [{ state: 'ready' }] });
    expect(curl('/v1/nonsense')).toMatchObject({ schemaVersion: 1, error: { code: 'E411' } });
    expect(curl('/v1/stop', '-X', 'POST')).toMatchObject({ schemaVersion: 1, stopped: ['web'], ended: true });
    expect((await running.exited).code).toBe(0);
  });

  test('F38: a control socket whose path is too long is refused before anything starts', async ({ rig }) => {
    const web = rig.puppet('web');
    rig.config({ web: { command: web.command } });
    const deep = join(rig.home, 'x'.repeat(100));
    mkdirSync(deep, { mode: 0o700 });
    for (const args of [['start'], ['start', '-d']]) {
      const answer = await rig.devup(args, { env: { XDG_RUNTIME_DIR: deep } });
      expect(answer.code).toBe(1);
      expect(answer.stderr).toMatch(/error E405/);
    }
    expect(web.journal()).toEqual([]);
  });

  test('a relative cache folder puts no files into the project', async ({ rig }) => {
    rig.config({ web: { command: 'sleep 1000' } });
    const before = readdirSync(rig.root);
    expect((await rig.devup(['ports', '1'], { env: { XDG_CACHE_HOME: 'relative' } })).code).toBe(0);
    expect(readdirSync(rig.root)).toEqual(before);
  });

  test('a read-only project is refused before anything starts', async ({ rig }) => {
    const web = rig.puppet('web');
    rig.config({ web: { command: web.command } });
    const asRoot = process.getuid?.() === 0;
    const own = [rig.home, String(rig.env['XDG_RUNTIME_DIR']), String(rig.env['XDG_CACHE_HOME'])];
    if (asRoot) for (const folder of own) chownSync(folder, NOBODY, NOBODY);
    chmodSync(rig.root, 0o555);
    for (const args of [['start'], ['start', '-d']]) {
      const answer = await rig.devup(args, asRoot ? { uid: NOBODY } : {});
      expect(answer.stderr).toMatch(/error E406: .*\.devup.* cannot be written/);
      expect(answer.code).toBe(1);
    }
    chmodSync(rig.root, 0o755);
    expect(web.journal()).toEqual([]);
  });
});
