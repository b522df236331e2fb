/** Holders that devup never stops: it says why, says what to type instead, and exits with 4. */
import { chmodSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, inject } from 'vitest';
import { type Rig, type RunOptions, test } from '../../rig/rig.ts';
import { python } from '../../rig/terminal.ts';
import { devupCommand, isAlive, kill, services } from './answers.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

// web: the program that started devup holds its port
for (const command of ['kill', 'start'] as const) {
  test(`${command} does not end the program that called it`, async ({ rig }) => {
    const port = await rig.port();
    rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
    const script = rig.write(
      'caller.py',
      `import json, socket, subprocess, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1', ${port})); s.listen()
devup = subprocess.run(sys.argv[1:], capture_output=True, text=True)
print(json.dumps([devup.returncode, devup.stdout, devup.stderr]), flush=True)
sys.stdin.read()
`,
    );
    const args = command === 'kill' ? ['kill', String(port)] : ['start', '-d'];
    const caller = rig.spawn([python(), script, 'env', ...devupCommand(args)]);
    const [line] = await caller.waitForOutput(/^\[.*\]$/m, 'stdout');
    const [code, stdout, stderr] = JSON.parse(line) as [number, string, string];
    expect(code, stdout + stderr).toBe(4);
    expect(stdout + stderr).toMatch(/it started this devup/);
    expect(stdout + stderr).toContain(`from another terminal: kill ${caller.pid}`);
    expect(isAlive(caller.pid)).toBe(true);
    expect(rig.puppet('web').journal()).toEqual([]);
  });
}

// web: another user's process holds its port
test.skipIf(!isRoot)("F17: another user's listener is hidden from an ordinary user, who gets the command to type", async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'listen', port });
  const { code, first } = await kill(rig, [port], asNobody());
  expect(code).toBe(4);
  expect(first).toMatchObject({ outcome: 'refused', killed: [], holders: [], problem: { code: 'E205' } });
  expect(first.problem?.why).toContain('root');
  expect(first.problem?.fix).toContain(`sudo devup kill ${port}`);
  expect(pids.every(isAlive)).toBe(true);
});

test.skipIf(isRoot || rootsListener() === null)(
  'F17: a listener of root is left alone, and devup gives the command to type',
  async ({ rig }) => {
    const port = rootsListener() as number;
    const { code, first } = await kill(rig, [port]);
    expect(code).toBe(4);
    expect(first).toMatchObject({ outcome: 'refused', killed: [], problem: { code: 'E205' } });
    expect(first.problem?.fix).toContain(`sudo devup kill ${port}`);
  },
);

// web: another user's process holds its port, and root may see it
test.skipIf(!isRoot)("F17: root's start leaves another user's process alone; a kill that names the port does not", async ({ rig }) => {
  const port = await rig.port();
  const { pids } = await rig.squat({ how: 'listen', port, uid: NOBODY });
  rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
  const refused = await rig.devup(['start', '-d']);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/belongs to nobody/);
  expect(pids.every(isAlive)).toBe(true);
  expect((await services(rig))['web']).toMatchObject({ state: 'stopped', verdict: 'foreign', holders: [{ user: 'nobody' }] });
  expect((await kill(rig, [port])).first).toMatchObject({ outcome: 'freed' });
  expect(pids.filter(isAlive)).toEqual([]);
});

// web, api: neither port can be freed; the holder of a third one could be ended
test('a start lists all refusals together, before anything is started or killed', async ({ rig }) => {
  const [fails, bound, killable, free] = [await rig.port(), await rig.port(), await rig.port(), await rig.port()];
  const squatters = [
    await rig.squat({ how: 'listen', port: fails }),
    await rig.squat({ how: 'bind', port: bound }),
    await rig.squat({ how: 'listen', port: killable }),
  ];
  const service = (name: string, port: number, rest: object = {}) => ({ command: rig.puppet(name, '--port', port).command, port, ...rest });
  rig.config({
    first: service('first', free),
    second: service('second', killable),
    third: service('third', fails, { onConflict: 'fail' }),
    fourth: service('fourth', bound),
  });
  const started = await rig.devup(['start', '-d']);
  expect(started.code).toBe(4);
  expect(started.stderr).toMatch(/2 ports are held; nothing was started and nothing was killed/);
  for (const port of [fails, bound]) expect(started.stderr).toMatch(new RegExp(`${port} (third|fourth)`));
  expect(squatters.flatMap(({ pids }) => pids).every(isAlive)).toBe(true);
  for (const name of ['first', 'second', 'third', 'fourth']) expect(rig.puppet(name).journal()).toEqual([]);
  expect(await statusSession(rig)).toBeNull();
});

async function statusSession(rig: Rig): Promise<unknown> {
  return ((await rig.devup(['status', '--json'])).json() as { session: unknown }).session;
}

/** No path into the rig's private folders. */
function asNobody(): RunOptions {
  chmodSync(dirname(dirname(inject('devup'))), 0o755);
  return { uid: NOBODY, cwd: '/', env: { HOME: '/', XDG_RUNTIME_DIR: undefined, XDG_CACHE_HOME: undefined, TMPDIR: '/tmp' } };
}

/** A port on which a process of root listens, if there is one. */
function rootsListener(): number | null {
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local, , state, , , , uid] = line.trim().split(/\s+/);
    if (state === '0A' && uid === '0') return Number.parseInt(local?.split(':')[1] ?? '', 16);
  }
  return null;
}

// web: a program that a person works in, or that all projects share, holds its port
for (const name of ['emacs', 'chrome', 'jupyter-lab', 'gnome-shell', 'adb']) {
  test(`${name} on the port of a service is not ended by a start, but by a kill of that port`, async ({ rig }) => {
    const port = await rig.port();
    rig.config({ web: { command: rig.puppet('web', '--port', port).command, port } });
    const listens = `#!${python()}
import signal, socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1', ${port})); s.listen()
print('listens', flush=True)
signal.pause()
`;
    const file = rig.write(name, listens);
    chmodSync(file, 0o755);
    const holder = rig.spawn([file]);
    await holder.waitForOutput(/listens/, 'stdout');
    const start = await rig.devup(['start', '-d']);
    expect(start.code).toBe(4);
    expect(start.stderr).toContain(`devup kill ${port}`);
    expect(isAlive(holder.pid)).toBe(true);
    expect(await kill(rig, [port])).toMatchObject({ code: 0, first: { outcome: 'freed' } });
    expect(isAlive(holder.pid)).toBe(false);
  });
}
