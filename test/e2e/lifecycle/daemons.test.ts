/** Services that go on as a daemon without their marker: adopted if that is certain, and named if not. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { isFree } from '../../rig/ports.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { python } from '../../rig/terminal.ts';
import { diesWithItsGuard, recordOf } from '../faults/session.ts';
import { isAlive, services } from '../ports/answers.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'rig', 'daemon.py');

interface Daemon {
  readonly port: number;
  /** The daemon, when it is there. */
  pid(): Promise<number>;
}

async function daemon(rig: Rig, ...flags: readonly (string | number)[]): Promise<Daemon> {
  const port = await rig.port();
  const file = join(rig.root, 'daemon.pid');
  rig.config({ web: { port, command: [python(), PROGRAM, port, file, ...flags].map(String) } });
  const pid = async () => {
    await eventually('the daemon to say its pid', () => existsSync(file));
    const found = Number(readFileSync(file, 'utf8'));
    rig.remember(found);
    return found;
  };
  return { port, pid };
}

describe.concurrent('a daemon without its marker', () => {
  test('F16: a daemon that has lost its environment is adopted, restarted and ended', async ({ rig }) => {
    const { port, pid } = await daemon(rig);
    const started = await rig.devup(['start', '-d']);
    expect(started).toMatchObject({ code: 0 });
    expect(started.stderr + started.stdout).toContain('goes on as a daemon');
    const first = await pid();
    expect((await services(rig))['web']).toMatchObject({ state: 'ready', verdict: 'ours', pid: first });
    expect((await rig.devup(['ports', String(port)])).stdout).toContain('ours');
    expect(recordOf(rig).services).toMatchObject([{ main: { pid: first }, adopted: [{ pid: first, port }] }]);
    expect((await rig.devup(['restart', 'web'])).code).toBe(0);
    expect(isAlive(first)).toBe(false);
    const second = await pid();
    expect(second).not.toBe(first);
    expect((await rig.devup(['kill', String(port)])).code).toBe(0);
    expect(isAlive(second)).toBe(false);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const third = await pid();
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(isAlive(third)).toBe(false);
    expect(await isFree(port)).toBe(true);
  });

  test('F16: a daemon that opens its port after its parent has ended is awaited', async ({ rig }) => {
    const { port, pid } = await daemon(rig, '--late', 1);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect((await services(rig))['web']).toMatchObject({ state: 'ready', verdict: 'ours', pid: await pid() });
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(await isFree(port)).toBe(true);
  });

  test('F16: a stop ends a daemon that is on its way to its port', async ({ rig }) => {
    const { pid } = await daemon(rig, '--late', 1);
    const starting = rig.start(['start', '-d']);
    const late = await pid();
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(isAlive(late)).toBe(false);
    await starting.exited;
  });

  test('F16: a stop ends a daemon whose first process it ends before that has become one', async ({ rig }) => {
    const { port, pid } = await daemon(rig, '--stay');
    const starting = rig.start(['start', '-d']);
    const left = await pid();
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(isAlive(left)).toBe(false);
    expect(await isFree(port)).toBe(true);
    await starting.exited;
  });

  test('F1: the guard also ends a daemon that has lost its environment', async ({ rig }) => {
    const { port, pid } = await daemon(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const adopted = await pid();
    process.kill(recordOf(rig).supervisor.pid, 'SIGKILL');
    await eventually('the daemon to be gone', () => !isAlive(adopted));
    await eventually('its port to be free', () => isFree(port));
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    await pid();
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F3: after devup and its guard are killed, the next start ends the daemon by its record', async ({ rig }) => {
    const { pid } = await daemon(rig);
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    const adopted = await pid();
    await diesWithItsGuard(rig);
    expect(isAlive(adopted)).toBe(true);
    expect((await services(rig))['web']).toMatchObject({ state: 'stopped', verdict: 'leftover' });
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    expect(isAlive(adopted)).toBe(false);
    await pid();
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('F16: a daemon that may not be the service’s is named and left alone', async ({ rig }) => {
    const { port, pid } = await daemon(rig, '--marker', 'fedcba9876543210:s1:web');
    const started = await rig.devup(['start', '-d']);
    expect(started.code).toBe(7);
    const left = await pid();
    expect(started.stderr).toContain('error E101: web exited with code 0 before it was ready');
    expect(started.stderr).toContain(`(pid ${left}`);
    expect(started.stderr).toContain(`keep web in the foreground`);
    expect(started.stderr).toContain(`devup kill ${port}`);
    expect(isAlive(left)).toBe(true);
    expect((await rig.devup(['kill', String(port)])).code).toBe(0);
    expect(isAlive(left)).toBe(false);
  });

  test('F16: a daemon that only the control group ties, and that has yet to open its port, is named and left alone', async ({ rig }) => {
    const port = await rig.port();
    const file = join(rig.root, 'daemon.pid');
    const words = [python(), PROGRAM, port, file, '--late', 30, '--root'].map((word) => `'${word}'`);
    rig.config({ web: { port, command: ['sh', '-c', `${words.join(' ')}; exit 0`] } });
    const started = await rig.devup(['start', '-d']);
    expect(started).toMatchObject({ code: 7 });
    const left = Number(readFileSync(file, 'utf8'));
    rig.remember(left);
    expect(started.stderr).toContain(`(pid ${left}`);
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(isAlive(left)).toBe(true);
    process.kill(left, 'SIGKILL');
  });

  test('F16: daemons of two services that open each other’s ports are named and left alone', async ({ rig }) => {
    const [a, b] = [await rig.port(), await rig.port()];
    const service = (name: string, port: number, opens: number) => {
      mkdirSync(join(rig.root, name));
      const command = [python(), PROGRAM, opens, join(rig.root, `${name}.pid`), '--late', 1].map(String);
      return { port, command, cwd: name, dependsOn: [], ready: { port: true, timeout: '3s' } };
    };
    rig.config({ a: service('a', a, b), b: service('b', b, a) });
    const started = await rig.devup(['start', '-d']);
    expect(started).toMatchObject({ code: 7 });
    expect(started.stdout + started.stderr).not.toContain('goes on as a daemon');
    expect(started.stderr).toContain('leaves it alone');
    const [first, second] = ['a', 'b'].map((name) => Number(readFileSync(join(rig.root, `${name}.pid`), 'utf8')));
    for (const pid of [first, second]) rig.remember(Number(pid));
    await rig.devup(['stop']);
    expect([first, second].map((pid) => isAlive(Number(pid)))).toEqual([true, true]);
    for (const port of [a, b]) expect((await rig.devup(['kill', String(port)])).code).toBe(0);
  });

  test('F16: a stranger that takes the port before the first process has ended is no daemon of the service', async ({ rig }) => {
    const port = await rig.port();
    const file = join(rig.root, 'stranger.pid');
    const web = rig.puppet('web');
    rig.config({ web: { port, command: web.command } });
    const starting = rig.start(['start', '-d']);
    await web.waitFor('started');
    spawnSync(python(), [PROGRAM, String(port), file, '--keep'], { cwd: '/', stdio: 'ignore' });
    const stranger = Number(readFileSync(file, 'utf8'));
    rig.remember(stranger);
    await web.tell({ do: 'exit', code: 0 });
    expect(await starting.exited).toMatchObject({ code: 7 });
    expect(starting.stderr).toContain(`(pid ${stranger}`);
    expect((await rig.devup(['stop'])).code).toBe(0);
    expect(isAlive(stranger)).toBe(true);
    expect((await rig.devup(['kill', String(port)])).code).toBe(0);
  });
});
