import { stripVTControlCharacters } from 'node:util';
import { describe, expect } from 'vitest';
import type { Puppet } from '../../rig/puppets.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { CTRL_BACKSLASH, CTRL_C, CTRL_Z } from '../../rig/terminal.ts';
import { isAlive } from '../ports/answers.ts';

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

  test('F22: a second Ctrl-C kills what has not ended', async ({ rig }) => {
    const { db, web } = await stack(rig, ['--ignore', 'SIGTERM'], { stop: { timeout: '5m' } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    terminal.keys(CTRL_C);
    await web.waitFor('signal');
    terminal.keys(CTRL_C);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
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
    terminal.keys(CTRL_C);
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
