import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { Terminal } from '../../rig/terminal.ts';

/** A task that prints that many bytes, in lines of 100. */
function printer(bytes: number): object {
  const program = `const line = 'x'.repeat(99) + '\\n'; process.stdout.write(line.repeat(${bytes / 100}))`;
  return { command: [process.execPath, '-e', program], ready: { exit: 0 } };
}

const ESC = '\x1b';

describe.concurrent('a start in the foreground, into a pipe', () => {
  // db ◀ api ◀ worker ◀ web: declared order
  test('a session prints progress as plain lines, then prefixed logs, and stops in reverse order with one signal each', async ({ rig }) => {
    const names = ['db', 'api', 'worker', 'web'];
    const ports = await Promise.all(names.map(() => rig.port()));
    const puppets = names.map((name, i) => rig.puppet(name, '--port', ports[i] as number, '--ready', `${name} is up`));
    rig.config(Object.fromEntries(names.map((name, i) => [name, { port: ports[i], command: puppets[i]?.command }])));
    const running = rig.start(['start']);
    await running.waitForOutput(/4 services ready in .* · Ctrl-C stops everything/, 'stderr');
    for (const name of names) await running.waitForOutput(new RegExp(`^${name.padEnd(6)} │ ${name} is up$`, 'm'), 'stdout');
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
    expect(running.stdout + running.stderr).not.toContain(ESC);
    const readyOrder = [...running.stderr.matchAll(/^✔ +\d+ (\w+) +ready/gm)].map((match) => match[1]);
    expect(readyOrder).toEqual(names);
    const stopped = [...running.stderr.matchAll(/^\S+ +\d+ (\w+) +stopped/gm)].map((match) => match[1]);
    expect(stopped).toEqual([...names].reverse());
    for (const puppet of puppets) {
      const signals = puppet.journal().filter(({ event }) => event === 'signal');
      expect(signals).toMatchObject([{ name: 'SIGTERM' }]);
    }
  });

  test('output loses none of five million bytes, and the session exits 0 when all tasks are done', async ({ rig }) => {
    rig.config({ print: printer(5_000_000) });
    const answer = await rig.devup(['start']);
    expect(answer.code).toBe(0);
    const lines = answer.stdout.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBe(50_000);
    expect(new Set(lines)).toEqual(new Set([`print │ ${'x'.repeat(99)}`]));
  });

  test('a reader that stops slows the service down, costs no memory, blocks no other command, and gets every byte', async ({ rig }) => {
    rig.config({ print: printer(60_000_000) });
    const running = rig.start(['start']);
    running.pauseOutput();
    await settled(() => logBytes(rig));
    expect(logBytes(rig)).toBeLessThan(30_000_000);
    expect(memoryMiB(running.pid)).toBeLessThan(220);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ session: { pid: running.pid } });
    running.resumeOutput();
    expect((await running.exited).code).toBe(0);
    const prefix = Buffer.byteLength('print │ ');
    expect(running.stdoutBytes.length).toBe(600_000 * (100 + prefix));
  });

  test('a second interrupt after the end cuts off output that nobody reads', async ({ rig }) => {
    rig.config({ print: printer(10_000_000), stay: { command: 'sleep 1000' } });
    const running = rig.start(['start']);
    running.pauseOutput();
    await settled(() => logBytes(rig));
    running.signal('SIGTERM');
    await eventually('the session is over', async () => (await rig.devup(['status', '--json'])).stdout.includes('"session":null'));
    await eventually('it ends', () => {
      running.signal('SIGTERM');
      return !running.alive;
    });
    running.resumeOutput();
    await running.exited;
  });

  test('as JSON every line is an event, and the last one is the outcome', async ({ rig }) => {
    rig.config({ task: { command: ['sh', '-c', 'printf "grü\\n"; exit 0'], ready: { exit: 0 } } });
    const running = rig.start(['start', '--json']);
    expect((await running.exited).code).toBe(0);
    expect(running.stderr).toBe('');
    const { lines } = running;
    expect(lines).toContainEqual(expect.objectContaining({ type: 'state', service: 'task', state: 'completed' }));
    expect(lines).toContainEqual(expect.objectContaining({ type: 'output', service: 'task', text: 'grü\n' }));
    expect(lines.at(-1)).toMatchObject({ type: 'done', ok: true, exitCode: 0 });
    expect(lines.filter(({ type }) => type === 'done').length).toBe(1);
  });

  test('as JSON a failure is an error before the last line', async ({ rig }) => {
    rig.config({ web: { command: ['sh', '-c', 'echo oh no >&2; exit 4'], ready: { log: 'never' } } });
    const running = rig.start(['start', '--json']);
    expect((await running.exited).code).toBe(7);
    expect(running.lines.at(-2)).toMatchObject({ schemaVersion: 1, error: { code: 'E101' } });
    expect(running.lines.at(-1)).toMatchObject({ type: 'done', ok: false, exitCode: 7 });
  });

  // db ◀ web
  test('a service that fails before it is ready undoes the start, and its last output is shown', async ({ rig }) => {
    const port = await rig.port();
    const db = rig.puppet('db', '--port', port);
    rig.config({
      db: { port, command: db.command },
      web: { command: ['sh', '-c', 'echo the reason; exit 3'], ready: { log: 'never' } },
    });
    const answer = await rig.devup(['start']);
    expect(answer.code).toBe(7);
    expect(answer.stderr).toMatch(/error E101: web exited with code 3 before it was ready[\s\S]*│ the reason/);
    expect(db.journal().filter(({ event }) => event === 'signal')).toMatchObject([{ name: 'SIGTERM' }]);
  });

  test('it ends with 7 when no required service is left alive, whatever optional ones do', async ({ rig }) => {
    const [port, other] = [await rig.port(), await rig.port()];
    const web = rig.puppet('web', '--port', port);
    const extra = rig.puppet('extra', '--port', other);
    rig.config({
      web: { port, command: web.command, restart: 'no' },
      extra: { port: other, command: extra.command, optional: true },
    });
    const running = rig.start(['start', '--with', 'extra']);
    await running.waitForOutput(/2 services ready/);
    await web.tell({ do: 'exit', code: 9 });
    expect((await running.exited).code).toBe(7);
    expect(running.stderr).toMatch(/error E101: web exited with code 9/);
  });

  test('an optional service that was named counts as required', async ({ rig }) => {
    const port = await rig.port();
    const extra = rig.puppet('extra', '--port', port);
    rig.config({ web: { command: 'sleep 1000' }, extra: { port, command: extra.command, optional: true, restart: 'no', dependsOn: [] } });
    const running = rig.start(['start', 'extra']);
    await running.waitForOutput(/1 service ready/);
    await extra.tell({ do: 'exit', code: 1 });
    expect((await running.exited).code).toBe(7);
  });

  // web, other: independent
  test('with --exit-on-failure the first failure ends everything; without it the others go on', async ({ rig }) => {
    const stay = rig.puppet('stay');
    const fail = rig.puppet('fail', '--ready', 'up');
    rig.config({
      stay: { command: stay.command },
      fail: { command: fail.command, ready: { log: 'up' }, restart: 'no', dependsOn: [] },
    });
    const running = rig.start(['start', '--exit-on-failure']);
    await running.waitForOutput(/2 services ready/);
    await fail.tell({ do: 'exit', code: 1 });
    expect((await running.exited).code).toBe(7);
    const again = rig.start(['start']);
    await again.waitForOutput(/2 services ready/);
    await fail.tell({ do: 'exit', code: 1 });
    await again.waitForOutput(/fail +failed/);
    expect((await rig.devup(['status', '--json'])).json()).toMatchObject({ services: [{ state: 'ready' }, { state: 'failed' }] });
    await rig.devup(['stop']);
    expect((await again.exited).code).toBe(0);
  });

  test('a restart of everything does not end the session', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    rig.config({ web: { port, command: web.command } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    expect((await rig.devup(['restart'])).code).toBe(0);
    await web.waitFor('ready', 2);
    expect((await rig.devup(['status'])).code).toBe(0);
    running.signal('SIGINT');
    expect((await running.exited).code).toBe(130);
  });

  test('--timeout is for the whole command', async ({ rig }) => {
    rig.config({ slow: { command: 'sleep 1000', ready: { log: 'never' } } });
    const answer = await rig.devup(['start', '--timeout', '300ms']);
    expect(answer.code).toBe(5);
    expect(answer.stderr).toMatch(/error E114: .*slow/s);
  });

  // web: its port is only closing; the claim waits for that
  test('--timeout includes the scan of the ports, and then nothing is started', async ({ rig }) => {
    const port = await rig.port();
    const web = rig.puppet('web', '--port', port);
    await rig.squat({ how: 'bind', port });
    rig.config({ web: { port, command: web.command } });
    const answer = await rig.devup(['start', '--timeout', '500ms']);
    expect(answer.code).toBe(5);
    expect(answer.stderr).toMatch(/error E114: the stack was not ready in 500 ms/);
    expect(web.journal()).toEqual([]);
  });

  // broken; lone: independent; after ─▶ broken
  test('with --keep-going the others stay, and dependents of the failed one wait', async ({ rig }) => {
    rig.config({
      broken: { command: 'false', ready: { log: 'never' } },
      lone: { command: 'sleep 1000', dependsOn: [] },
      after: { command: 'sleep 1000', dependsOn: 'broken' },
    });
    const running = rig.start(['start', '--keep-going']);
    await running.waitForOutput(/error E101: broken/);
    const status = (await rig.devup(['status', '--json'])).json();
    expect(status).toMatchObject({ services: [{ state: 'failed' }, { state: 'ready' }, { state: 'waiting' }] });
    running.signal('SIGTERM');
    expect((await running.exited).code).toBe(143);
  });

  test('a reader that leaves after the first line stops everything', async ({ rig }) => {
    const puppet = rig.puppet('web', '--ready', 'first');
    rig.config({ web: { command: puppet.command, ready: { log: 'first' } } });
    const running = rig.start(['start']);
    await running.waitForOutput(/first/, 'stdout');
    await running.waitForOutput(/1 service ready/);
    running.closeOutput();
    await puppet.tell({ do: 'print', text: 'second\n' });
    expect((await running.exited).code).toBe(0);
    expect(running.stderr).not.toMatch(/error|EPIPE/);
  });

  test('an unfinished line is shown although its end does not come', async ({ rig }) => {
    const puppet = rig.puppet('asks', '--ready', 'up');
    rig.config({ asks: { command: puppet.command, ready: { log: 'up' } } });
    const running = rig.start(['start']);
    await running.waitForOutput(/1 service ready/);
    await puppet.tell({ do: 'print', text: 'your name: ' });
    await running.waitForOutput(/^asks │ your name: $/m, 'stdout');
    await puppet.tell({ do: 'print', text: 'me\n' });
    await running.waitForOutput(/^asks │ your name: me$/m, 'stdout');
    running.signal('SIGTERM');
    await running.exited;
  });

  test('colours go into a pipe only on request', async ({ rig }) => {
    rig.config({ task: { command: ['sh', '-c', 'echo "force=$FORCE_COLOR"'], ready: { exit: 0 } } });
    const run = async (args: readonly string[], env: Record<string, string>) => (await rig.devup(['start', ...args], { env })).stdout;
    expect(await run([], {})).toBe('task │ force=\n');
    expect(await run([], { FORCE_COLOR: '1' })).toContain(ESC);
    expect(await run([], { FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain(ESC);
    expect(await run(['--no-color'], { FORCE_COLOR: '1' })).not.toContain(ESC);
  });

  test('the drawing of the start does not block a service that prints much before it is ready', async ({ rig }) => {
    const program = `process.stdout.write('x'.repeat(3e6) + '\\n', () => { console.log('up'); setInterval(() => 0, 1e9) })`;
    rig.config({ web: { command: [process.execPath, '-e', program], ready: { log: 'up' } } });
    // Progress on the terminal, logs into a pipe.
    const size = { rows: 40, columns: 120 };
    const command = ['sh', '-c', '"$0" "$1" start | wc -c', process.execPath, inject('devup')];
    const terminal = new Terminal(command, size, { cwd: rig.root, env: rig.env });
    await terminal.waitForOutput(/1 service ready/);
    expect((await rig.devup(['stop'])).code).toBe(0);
    await terminal.waitForOutput(/3000\d\d\d/);
    expect((await terminal.exited).code).toBe(0);
  });
});

function logBytes(rig: Rig): number {
  const folder = join(rig.root, '.devup');
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.includes('logs/') && file.includes('.log'))
      .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Resolves when a number that has grown stays the same for twenty polls. */
async function settled(look: () => number): Promise<void> {
  let last = 0;
  let same = 0;
  await eventually('it stands still', () => {
    const now = look();
    same = now > 0 && now === last ? same + 1 : 0;
    last = now;
    return same >= 20;
  });
}

function memoryMiB(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
