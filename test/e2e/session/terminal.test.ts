import { describe, expect } from 'vitest';
import { isFree } from '../../rig/ports.ts';
import { test } from '../../rig/rig.ts';
import { CTRL_C } from '../../rig/terminal.ts';

const ESC = '\x1b';
const HIDDEN = `${ESC}[?25l`;
const SHOWN = `${ESC}[?25h`;

describe.concurrent('a start at a terminal', () => {
  // a ◀ b
  test('draws a tree, then shows coloured logs and the number of ready services', async ({ rig }) => {
    const a = rig.puppet('a', '--ready', 'a is up');
    const b = rig.puppet('b', '--ready', 'b is up');
    rig.config({ a: { command: a.command, ready: { log: 'a is up' } }, b: { command: b.command, ready: { log: 'b is up' } } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/2 services ready/);
    await terminal.waitForOutput(/│ .*b is up/);
    const drawn = terminal.stdout;
    expect(drawn.indexOf(HIDDEN)).toBeGreaterThanOrEqual(0);
    expect(drawn.lastIndexOf(SHOWN)).toBeGreaterThan(drawn.lastIndexOf(HIDDEN));
    expect(drawn.indexOf('│')).toBeGreaterThan(drawn.lastIndexOf(SHOWN));
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
  });

  for (const [why, env, columns] of [
    ['under CI', { CI: '1' }, 120],
    ['on a narrow terminal', {}, 39],
  ] as const) {
    test(`${why} there is no tree, only lines`, async ({ rig }) => {
      rig.config({ a: { command: 'sleep 1000' } });
      const terminal = rig.terminal(['start'], { env, columns });
      await terminal.waitForOutput(/1 service ready/);
      expect(terminal.stdout).not.toContain(HIDDEN);
      expect(terminal.stdout).not.toContain(`${ESC}[1A`);
      terminal.keys(CTRL_C);
      await terminal.exited;
    });
  }

  test('--no-color and NO_COLOR turn colours off, on a terminal too', async ({ rig }) => {
    rig.config({ a: { command: ['sh', '-c', 'echo "force=$FORCE_COLOR"'], ready: { exit: 0 } } });
    for (const [args, env] of [
      [['--no-color'], {}],
      [[], { NO_COLOR: '1' }],
    ] as const) {
      const terminal = rig.terminal(['start', ...args], { env });
      expect((await terminal.exited).code).toBe(0);
      expect(terminal.stdout).not.toMatch(/\x1b\[[\d;]*m/);
      expect(terminal.stdout).toContain('force=\r\n');
    }
    const coloured = rig.terminal(['start']);
    await coloured.exited;
    expect(coloured.stdout).toContain('force=1');
  });

  test('`ask` asks once for all ports; y continues, anything else changes nothing', async ({ rig }) => {
    const [one, two] = [await rig.port(), await rig.port()];
    const squatters = [await rig.squat({ how: 'listen', port: one }), await rig.squat({ how: 'listen', port: two })];
    const a = rig.puppet('a', '--port', one);
    const b = rig.puppet('b', '--port', two);
    rig.config({ a: { port: one, command: a.command, onConflict: 'ask' }, b: { port: two, command: b.command, onConflict: 'ask' } });
    for (const answer of ['n\r', '\r', '\x04']) {
      const terminal = rig.terminal(['start']);
      await terminal.waitForOutput(/\[y\/N\] /);
      terminal.keys(answer);
      expect((await terminal.exited).code).toBe(4);
      expect(terminal.stdout.split('[y/N]').length).toBe(2);
      expect(squatters.map(({ process }) => process.alive)).toEqual([true, true]);
    }
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/\[y\/N\] /);
    terminal.keys('y\r');
    await terminal.waitForOutput(/2 services ready/);
    await Promise.all(squatters.map(({ process }) => process.exited));
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
    expect([await isFree(one), await isFree(two)]).toEqual([true, true]);
  });

  test('Ctrl-C answers a question with no, and exits', async ({ rig }) => {
    const port = await rig.port();
    const squatter = await rig.squat({ how: 'listen', port });
    rig.config({ a: { port, command: 'sleep 1000', onConflict: 'ask' } });
    const terminal = rig.terminal(['start']);
    await terminal.waitForOutput(/\[y\/N\] /);
    terminal.keys(CTRL_C);
    expect((await terminal.exited).code).toBe(130);
    expect(squatter.process.alive).toBe(true);
  });

  test('a start in the background asks at the terminal that it was started from', async ({ rig }) => {
    const port = await rig.port();
    const squatter = await rig.squat({ how: 'listen', port });
    const a = rig.puppet('a', '--port', port);
    rig.config({ a: { port, command: a.command, onConflict: 'ask' } });
    const refused = rig.terminal(['start', '-d']);
    await refused.waitForOutput(/\[y\/N\] /);
    refused.keys('n\r');
    expect((await refused.exited).code).toBe(4);
    expect(squatter.process.alive).toBe(true);
    const left = rig.terminal(['start', '-d']);
    await left.waitForOutput(/\[y\/N\] /);
    left.keys(CTRL_C);
    expect((await left.exited).code).toBe(130);
    expect(squatter.process.alive).toBe(true);
    const agreed = rig.terminal(['start', '-d']);
    await agreed.waitForOutput(/\[y\/N\] /);
    agreed.keys('y\r');
    expect((await agreed.exited).code).toBe(0);
    await squatter.process.exited;
    expect((await rig.devup(['stop'])).code).toBe(0);
  });

  test('without a terminal, or under CI, nothing is asked', async ({ rig }) => {
    const port = await rig.port();
    await rig.squat({ how: 'listen', port });
    rig.config({ a: { port, command: 'sleep 1000', onConflict: 'ask' } });
    const piped = await rig.devup(['start']);
    expect(piped.code).toBe(4);
    const underCi = rig.terminal(['start'], { env: { CI: '1' } });
    expect((await underCi.exited).code).toBe(4);
    expect(piped.stderr + underCi.stdout).not.toContain('[y/N]');
  });
});
