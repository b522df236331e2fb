import { stripVTControlCharacters } from 'node:util';
import { describe, expect } from 'vitest';
import { interruptUntilKilled } from '../../rig/interrupt.ts';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';
import type { Running } from '../../rig/running.ts';
import { CTRL_BACKSLASH, CTRL_C, CTRL_Z } from '../../rig/terminal.ts';
import { devupCommand, isAlive } from '../ports/answers.ts';

const HIDDEN = '\x1b[?25l';
const SHOWN = '\x1b[?25h';

/** db ◀ web, each with a port. */
async function stack(rig: Rig, flags: readonly string[] = [], service: object = {}): Promise<{ db: Puppet; web: Puppet }> {
  const [one, two] = [await rig.port(), await rig.port()];
  const db = rig.puppet('db', '--port', one, ...flags);
  const web = rig.puppet('web', '--port', two, ...flags);
  rig.config({ db: { port: one, command: db.command, ...service }, web: { port: two, command: web.command, ...service } });
  return { db, web };
}

function signalsOf(puppet: Puppet): readonly unknown[] {
  return puppet
    .journal()
    .filter(({ event }) => event === 'signal')
    .map(({ name }) => name);
}

describe.concurrent('signals to a session in the foreground', () => {
  test('F22: one Ctrl-C stops everything in reverse order, with one signal each, and restores the terminal', async ({ rig }) => {
    const { db, web } = await stack(rig);
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
    expect([signalsOf(db), signalsOf(web)]).toEqual([['SIGTERM'], ['SIGTERM']]);
    const text = terminal.stdout;
    const stopped = [...stripVTControlCharacters(text).matchAll(/(\w+) +stopped/g)].map((match) => match[1]);
    expect(stopped).toEqual(['web', 'db']);
    expect(text.lastIndexOf(SHOWN)).toBeGreaterThan(text.lastIndexOf(HIDDEN));
  });

  test('F22: what a wrapper forwards of one Ctrl-C is no second one: services have their time to end, in order', async ({ rig }) => {
    const { db, web } = await stack(rig, ['--ignore', 'SIGTERM'], { stop: { timeout: '5m' } });
    const running = rig.start(['start']);
    await running.waitForOutput(/2 services ready/);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) running.signal(signal);
    for (const puppet of [web, db]) {
      await puppet.waitFor('signal');
      await puppet.tell({ do: 'exit', code: 0 });
    }
    expect([130, 143, 129]).toContain((await running.exited).code);
    expect([signalsOf(db), signalsOf(web)]).toEqual([['SIGTERM'], ['SIGTERM']]);
    expect(running.stderr).not.toMatch(/killed/);
  });

  test('F22: a second Ctrl-C kills what has not ended', async ({ rig }) => {
    const { db, web } = await stack(rig, ['--ignore', 'SIGTERM'], { stop: { timeout: '5m' } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    terminal.keys(CTRL_C);
    await web.waitFor('signal');
    await interruptUntilKilled([web, db], () => terminal.keys(CTRL_C));
    expect((await terminal.exited).code).toBe(130);
    expect(terminal.stdout).toMatch(/killed processes of web, whose time to end was cut short: node/);
    expect(terminal.stdout).not.toMatch(/in time/);
    expect(signalsOf(web)).toEqual(['SIGTERM']);
    expect(signalsOf(db).length).toBeLessThanOrEqual(1);
  });

  test('a `stop` after Ctrl-C waits until the session has ended, instead of failing', async ({ rig }) => {
    const { db, web } = await stack(rig, ['--ignore', 'SIGTERM'], { stop: { timeout: '5m' } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    terminal.keys(CTRL_C);
    await web.waitFor('signal');
    const stop = rig.start(['stop']);
    await stop.waitForOutput(/waiting for it/, 'stderr');
    expect(stop.alive).toBe(true);
    await interruptUntilKilled([web, db], () => terminal.keys(CTRL_C));
    expect(await stop.exited).toMatchObject({ code: 0 });
    expect(stop.stderr).toBe('the session is ending; waiting for it\nthe session has ended\n');
    expect([db, web].flatMap((puppet) => puppet.pids()).filter(isAlive)).toEqual([]);
    expect((await terminal.exited).code).toBe(130);
  });

  test('F22: Ctrl-C during a start undoes it, and waiting services never start', async ({ rig }) => {
    const { db, web } = await stack(rig, ['--wait']);
    const terminal = rig.terminal(['start']);
    await db.waitFor('started');
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
    expect(signalsOf(db)).toEqual(['SIGTERM']);
    expect(web.journal()).toEqual([]);
    expect(terminal.stdout).not.toMatch(/error E/);
    expect(terminal.stdout.lastIndexOf(SHOWN)).toBeGreaterThan(terminal.stdout.lastIndexOf(HIDDEN));
  });

  test('a signal at any moment of the start leaves nothing', async ({ rig }) => {
    await stack(rig);
    const signs = [/^/, /./, /waiting|starting/, /ready/];
    for (const sign of signs) {
      const running = rig.start(['start']);
      await running.waitForOutput(sign);
      running.signal('SIGTERM');
      const { code, signal } = await running.exited;
      expect(signal === 'SIGTERM' || code === 143).toBe(true);
      expect((await rig.devup(['status', '--json'])).json()).toMatchObject({
        session: null,
        services: [{ verdict: 'free' }, { verdict: 'free' }],
      });
    }
  });

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    test(`F23: ${signal} stops the session in order, exit ${code}`, async ({ rig }) => {
      const { db, web } = await stack(rig);
      const running = rig.start(['start']);
      await running.waitForOutput(/2 services ready/);
      running.signal(signal);
      expect((await running.exited).code).toBe(code);
      expect([signalsOf(db), signalsOf(web)]).toEqual([['SIGTERM'], ['SIGTERM']]);
    });
  }

  test('F23: a closed terminal stops the session in order, exit 129', async ({ rig }) => {
    const { db, web } = await stack(rig);
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    terminal.hangUp();
    expect((await terminal.exited).code).toBe(129);
    expect([signalsOf(db), signalsOf(web)]).toEqual([['SIGTERM'], ['SIGTERM']]);
  });

  test('F23: Ctrl-\\ kills at once', async ({ rig }) => {
    const { db, web } = await stack(rig, ['--ignore', 'SIGTERM'], { stop: { timeout: '5m' } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    terminal.keys(CTRL_BACKSLASH);
    expect((await terminal.exited).code).toBe(131);
    expect([signalsOf(db), signalsOf(web)]).toEqual([[], []]);
  });

  test('F23: Ctrl-Z, SIGUSR1, SIGUSR2 and SIGPIPE do nothing; Ctrl-Z says what to do instead', async ({ rig }) => {
    const { db, web } = await stack(rig);
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    const { session } = (await rig.devup(['status', '--json'])).json() as { session: { pid: number } };
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.kill(session.pid, signal);
    terminal.keys(CTRL_Z);
    await terminal.waitForOutput(/start it with -d/);
    expect((await rig.devup(['status'])).code).toBe(0);
    expect(terminal.stdout).not.toMatch(/[Dd]ebugger/);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
    expect([signalsOf(db), signalsOf(web)]).toEqual([['SIGTERM'], ['SIGTERM']]);
  });

  test('a terminal that stops reading does not stop a service', async ({ rig }) => {
    const puppet = rig.puppet('web', '--ready', 'up');
    rig.config({ web: { command: puppet.command, ready: { log: 'up' } } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/1 service ready/);
    terminal.stopReading();
    // Resolves when the service has written all of it, so its output was read.
    for (let i = 0; i < 40; i++) await puppet.tell({ do: 'print', text: `${'x'.repeat(99)}\n`.repeat(1000) });
    expect((await rig.devup(['status'])).code).toBe(0);
    terminal.goOnReading();
    await terminal.waitForOutput(/\d+ lines/);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
  });
});

/** bash becomes the last program that it runs, and names it in `_`. */
function withNohup(rig: Rig, args: readonly string[]): Running {
  return rig.spawn(['bash', '-c', 'nohup "$@"', 'bash', ...devupCommand(args)]);
}

describe.concurrent('a command that is to survive its terminal', () => {
  test('F23: `nohup devup start` ignores SIGHUP, and stops in order at SIGTERM', async ({ rig }) => {
    const { db, web } = await stack(rig);
    const running = withNohup(rig, ['start']);
    await running.waitForOutput(/2 services ready/);
    running.signal('SIGHUP');
    expect((await rig.devup(['status'])).code).toBe(0);
    running.signal('SIGTERM');
    expect((await running.exited).code).toBe(143);
    expect(running.stderr).not.toMatch(/SIGHUP/);
    expect([signalsOf(db), signalsOf(web)]).toEqual([['SIGTERM'], ['SIGTERM']]);
  });

  test('F23: so does the launcher of `nohup devup start -d`, and a command below a shell that ignores SIGHUP', async ({ rig }) => {
    const { db } = await stack(rig, ['--wait']);
    const running = withNohup(rig, ['start', '-d', 'db']);
    await db.waitFor('started');
    running.signal('SIGHUP');
    await db.tell({ do: 'go' });
    expect((await running.exited).code).toBe(0);
    const below = rig.spawn(['sh', '-c', `trap '' HUP; "$@" & echo "pid $!"; wait`, 'sh', ...devupCommand(['logs', '-f'])]);
    const pid = Number((await below.waitForOutput(/pid (\d+)/))[1]);
    await db.tell({ do: 'print', text: 'one\n' });
    await below.waitForOutput(/one/);
    process.kill(pid, 'SIGHUP');
    await db.tell({ do: 'print', text: 'two\n' });
    await below.waitForOutput(/two/);
    expect((await rig.devup(['stop'])).code).toBe(0);
    await below.exited;
  });

  test('F23: so does the command of `nohup devup exec`, of which Node would take that', async ({ rig }) => {
    await stack(rig);
    const running = withNohup(rig, ['exec', 'db', '--', 'sh', '-c', 'echo "pid $$"; read line; echo "read $line"']);
    const pid = Number((await running.waitForOutput(/pid (\d+)/))[1]);
    process.kill(pid, 'SIGHUP');
    running.signal('SIGHUP');
    running.write('it\n');
    await running.waitForOutput(/read it/);
    expect((await running.exited).code).toBe(0);
  });
});
