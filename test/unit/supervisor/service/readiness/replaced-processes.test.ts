import { describe, expect, test } from 'vitest';
import { ReplacedProcesses } from '../../../../../src/supervisor/service/readiness/replaced-processes.ts';
import { FakeMachine } from '../../../../rig/fake-machine.ts';
import type { FakeProcess, FakeProcessOptions } from '../../../../rig/fake-processes.ts';

describe('processes below a starting service', () => {
  /** Looks once a step, at the main process and what `step` leaves alive. */
  async function looks(steps: readonly (readonly string[])[], options: FakeProcessOptions = {}) {
    const machine = new FakeMachine();
    const main = machine.spawn({ argv: ['master'] });
    const replaced = new ReplacedProcesses(machine);
    const running = new Map<string, FakeProcess>();
    const found: unknown[] = [];
    for (const [now, alive] of steps.entries()) {
      for (const [name, process] of running) {
        if (alive.includes(name)) continue;
        process.exit();
        running.delete(name);
      }
      // The letter is the command line, the number tells its processes apart.
      for (const name of alive) if (!running.has(name)) running.set(name, main.fork({ argv: ['worker', name.charAt(0)], ...options }));
      found.push(
        await replaced.look(
          [main, ...running.values()].map((process) => process.row()),
          now * 500,
        ),
      );
    }
    return found;
  }

  test('that take the place of each other are a loop, which is told by the third', async () => {
    const found = await looks([['a1'], ['a2'], ['a3'], ['a4'], ['a5']]);
    expect(found).toEqual([null, null, null, { command: 'worker a', times: 3, withinMs: 1500 }, expect.anything()]);
  });

  test('are a loop also if several work at once', async () => {
    expect(
      (
        await looks([
          ['a1', 'a2'],
          ['a3', 'a4'],
          ['a5', 'a6'],
          ['a7', 'a8'],
        ])
      ).at(-1),
    ).toMatchObject({ times: 6 });
    expect(
      (
        await looks([
          ['a1', 'a2'],
          ['a2', 'a3'],
          ['a3', 'a4'],
          ['a4', 'a5'],
        ])
      ).at(-1),
    ).toBeNull();
  });

  test.each([
    ['that stay', [['a1'], ['a1'], ['a1'], ['a1'], ['a1']]],
    ['with other arguments, as of a build', [['a1'], ['b1'], ['c1'], ['d1'], ['e1']]],
    ['of which none is alive any more', [['a1'], ['a2'], ['a3'], []]],
  ])('%s are none', async (_, steps) => {
    expect(await looks(steps)).toEqual(steps.map(() => null));
  });

  test.each([
    ['told after a pause of four minutes', 240, { command: 'worker a', times: 3 }],
    ['forgotten after a pause of six', 360, null],
  ])('are %s', async (_, pauseSeconds, expected) => {
    const pause = Array.from({ length: pauseSeconds * 2 }, () => []);
    const found = await looks([['a1'], ['a2'], ['a3'], ...pause, ['a4']]);
    if (expected === null) expect(found.at(-1)).toBeNull();
    else expect(found.at(-1)).toMatchObject(expected);
  });

  test('that only let time pass are none', async () => {
    expect((await looks([['a1'], ['a2'], ['a3'], ['a4'], ['a5']], { name: 'sleep' })).at(-1)).toBeNull();
  });
});
