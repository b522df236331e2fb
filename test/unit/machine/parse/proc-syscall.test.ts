import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { sleepsUntilWoken } from '../../../../src/machine/parse/proc-syscall.ts';
import { mutated } from './hostile.ts';

const rest = '0x0 0x8 0x7ffecf20d0b8 0x7f5d745c6bd3\n';

describe('/proc/PID/syscall shows a sleep without a deadline', () => {
  test.each([
    ['a shell that waits for its children', '61 0xffffffff 0x7ffecf20d0e0 0x0 0x0 0x1 0x8 0x7ffecf20d0b8 0x7f5d745c6bd3\n', true],
    ['Node with a timer', `281 0xe 0x7ffc43adaf60 0x400 0xea5b ${rest}`, false],
    ['Node without one', `281 0x9 0x7ff3b0732cf0 0x400 0xffffffff ${rest}`, true],
    ['the same, with the sign in the whole register', `281 0x9 0x7ff3b0732cf0 0x400 0xffffffffffffffff ${rest}`, true],
    ['a thread that waits for work', '202 0x355159b0 0x189 0x0 0x0 0x0 0xffffffff 0x7ff3aff34c70 0x7ff3b07bef16\n', true],
    ['one that waits until some time', '202 0x355159b0 0x189 0x0 0x7ff3aff34d00 0x0 0xffffffff 0x7ff3aff34c70 0x7ff3b07bef16\n', false],
    ['one that wakes others', '202 0x355159b0 0x81 0x1 0x0 0x0 0x0 0x7ff3aff34c70 0x7ff3b07bef16\n', false],
    ['a program that sleeps', '230 0x0 0x0 0x7ffd1d0 0x0 0x0 0x0 0x7ffd170 0x7f1be7\n', false],
    ['one that runs', 'running\n', false],
    ['one that is held outside of a call', '-1 0x7ffd1d0 0x7f1be7\n', false],
    ['nothing', '', false],
  ])('%s', (_, text, expected) => expect(sleepsUntilWoken(text, 'x64')).toBe(expected));

  it('by the numbers of its own architecture only', () => {
    const waits = `260 0xffffffff 0x7ffecf20d0e0 0x0 0x0 ${rest}`;
    expect([sleepsUntilWoken(waits, 'arm64'), sleepsUntilWoken(waits, 'x64'), sleepsUntilWoken(waits, 's390x')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('reads anything else without failing', () => {
    fc.assert(
      fc.property(mutated(fc.constant(`281 0xe 0x7ffc43adaf60 0x400 0xea5b ${rest}`)), (text) => {
        expect([true, false]).toContain(sleepsUntilWoken(text, 'x64'));
      }),
    );
  });
});
