/** Views of output that has colours, or draws on a screen. */
import { describe, expect } from 'vitest';
import { type Rig, test } from '../../rig/rig.ts';

const ESC = '\x1b';
const SEQUENCE = /\x1b\[[\d;:]*m/;
/** A colour over three lines, what `tsc --watch` and Vite clear the screen with, gcc's erased line, a spinner, and a bell. */
const PRINTED = [
  `${ESC}[31mred one`,
  'red two',
  `red three${ESC}[0m`,
  `${ESC}cStarting compilation`,
  `${ESC}[2J${ESC}[3J${ESC}[HVITE`,
  `${ESC}[01;31m${ESC}[Kerror:${ESC}[m${ESC}[K text`,
  `${ESC}[?25lfirst${ESC}[2K${ESC}[1G${ESC}[36msecond${ESC}[0m${ESC}[?25h`,
  `bell \x07 end`,
];
const PLAIN = ['red one', 'red two', 'red three', 'Starting compilation', 'VITE', 'error: text', 'first', 'second', 'bell \x07 end'];

/** A task that prints this, and has ended. Resolves with what the start showed. */
async function printed(rig: Rig): Promise<string> {
  rig.write('printed', `${PRINTED.join('\n')}\n`);
  rig.config({ web: { command: 'cat printed', ready: { exit: 0 } } });
  return (await rig.devup(['start'])).stdout;
}

const lines = (names: readonly string[]) => names.map((line) => `web │ ${line}\n`).join('');

function jsonTexts(stdout: string): readonly string[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { text: string }).text);
}

describe.concurrent('output in views', () => {
  test('F29: colours reach no pipe and no JSON, unless asked for; every other byte does', async ({ rig }) => {
    expect(await printed(rig)).toBe(lines(PLAIN));
    for (const args of [['logs'], ['logs', '--grep', '.'], ['logs', '--no-color']] as const)
      expect({ args, stdout: (await rig.devup(args)).stdout }).toEqual({ args, stdout: lines(PLAIN) });
    expect((await rig.devup(['logs', '--no-prefix'])).stdout).toBe(PLAIN.map((line) => `${line}\n`).join(''));
    const both = { FORCE_COLOR: '1', NO_COLOR: '1' };
    expect((await rig.devup(['logs'], { env: both })).stdout).toBe(lines(PLAIN));
    expect((await rig.devup(['logs', '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).toBe(lines(PLAIN));
    const forced = (await rig.devup(['logs'], { env: { FORCE_COLOR: '1' } })).stdout;
    expect(forced).toContain(`${ESC}[31mred two`);
    expect(forced).not.toMatch(/\x1b(?!\[[\d;]*m)/);
    for (const env of [{}, { FORCE_COLOR: '1' }])
      expect(jsonTexts((await rig.devup(['logs', '--json'], { env })).stdout).flatMap((text) => text.split('\n'))).toEqual(PLAIN);
    const events = (await rig.devup(['start', '--json'], { env: { FORCE_COLOR: '1' } })).stdout.split('\n');
    const output = events.filter((line) => line.includes('"type":"output"')).join('\n');
    expect(jsonTexts(output).join('')).toBe(lines(PLAIN).replaceAll('web │ ', ''));
  });

  test('F29: colours do not reach a terminal that wants none, nor does what would clear it', async ({ rig }) => {
    await printed(rig);
    for (const [args, env] of [
      [['logs', '--no-color'], {}],
      [['logs'], { NO_COLOR: '1' }],
      [['logs', '-n', '100', '--no-prefix'], { TERM: 'dumb' }],
    ] as const) {
      const terminal = rig.terminal(args, { env });
      expect((await terminal.exited).code).toBe(0);
      expect(terminal.stdout).not.toMatch(SEQUENCE);
      expect(terminal.stdout.replaceAll('web │ ', '').split('\r\n').slice(0, PLAIN.length)).toEqual(
        PLAIN.map((line) => line.replace('\x07', '^G')),
      );
    }
  });

  test('F29: a colour lasts over several lines, behind each prefix, and ends with them', async ({ rig }) => {
    await printed(rig);
    const terminal = rig.terminal(['logs']);
    expect((await terminal.exited).code).toBe(0);
    for (const line of ['red one', 'red two', 'red three']) expect(terminal.stdout).toContain(`│ ${ESC}[0m${ESC}[31m${line}${ESC}[0m\r\n`);
    expect(terminal.stdout).toContain(`│ ${ESC}[0mStarting compilation\r\n`);
    expect(terminal.stdout).not.toMatch(/\^\[|\x1b(?!\[[\d;]*m)/);
  });
});
