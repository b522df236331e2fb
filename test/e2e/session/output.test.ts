import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { test } from '../../rig/rig.ts';

/** Lines that alternate between stdout and stderr, as fast as possible. */
const LINES = Array.from({ length: 1000 }, (_, i) => `${i}\n`);
const BURST = `import { writeSync } from 'node:fs'; for (let i = 0; i < ${LINES.length}; i++) writeSync(1 + (i % 2), i + '\\n');`;

describe.concurrent('stdout and stderr of one service', () => {
  test('keep their order with `output: merged`; split, each keeps its own, and events name the streams', async ({ rig }) => {
    rig.write('burst.mjs', BURST);
    const task = { command: 'node burst.mjs', ready: { exit: 0 } };
    rig.config({ one: { ...task, output: 'merged' }, two: { ...task, output: 'split' } });
    const run = rig.start(['start', '--json']);
    expect((await run.exited).code).toBe(0);
    const printed = (service: string, stream: string) =>
      run.lines
        .filter((event) => event['type'] === 'output' && event['service'] === service && event['stream'] === stream)
        .map(({ text }) => text)
        .join('');
    expect(printed('one', 'merged')).toBe(LINES.join(''));
    expect(printed('two', 'stdout')).toBe(LINES.filter((_, i) => i % 2 === 0).join(''));
    expect(printed('two', 'stderr')).toBe(LINES.filter((_, i) => i % 2 === 1).join(''));
    expect([printed('one', 'stdout'), printed('one', 'stderr'), printed('two', 'merged')]).toEqual(['', '', '']);
    expect((await rig.devup(['logs', 'one', '--no-prefix'])).stdout).toBe(LINES.join(''));
  });

  test('of a service with `output: merged` have their last lines and first error told in order', async ({ rig }) => {
    rig.config({
      web: { command: ['sh', '-c', 'echo a; echo "Error: b" >&2; echo c; echo d >&2; exit 3'], ready: { log: 'never' }, output: 'merged' },
    });
    const answer = await rig.devup(['start']);
    expect(answer.code).toBe(7);
    expect(answer.stdout).toBe('web │ a\nweb │ Error: b\nweb │ c\nweb │ d\n');
    expect(answer.stderr).toMatch(/first error: Error: b\n {5}│ a\n {5}│ Error: b\n {5}│ c\n {5}│ d\n/);
  });

  test('stay apart without `mkfifo`, and events say so', async ({ rig }) => {
    rig.write('burst.mjs', BURST);
    const tools = join(rig.root, 'tools');
    mkdirSync(tools);
    symlinkSync(process.execPath, join(tools, 'node'));
    rig.config({ web: { command: 'node burst.mjs', ready: { exit: 0 }, output: 'merged' } });
    const run = rig.start(['start', '--json'], { env: { PATH: tools } });
    expect((await run.exited).code).toBe(0);
    const streams = run.lines.filter(({ type }) => type === 'output').map(({ stream }) => stream);
    expect([...new Set(streams)].sort()).toEqual(['stderr', 'stdout']);
  });

  test('cannot be told to be anything else', async ({ rig }) => {
    rig.config({
      web: { command: 'true', output: 'both' },
      db: { port: await rig.port(), output: 'merged', ready: { tcp: '127.0.0.1:9' } },
    });
    const answer = await rig.devup(['start']);
    expect(answer.code).toBe(3);
    expect(answer.stderr).toMatch(/output.*must be "split" or "merged"/);
    expect(answer.stderr).toMatch(/output.*has no effect without a command/);
  });
});
