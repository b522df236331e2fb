import { expect, test } from 'vitest';
import { ignoresHangUp, isNohup } from '../../../src/machine/hang-up.ts';

test.each([
  ['SigIgn:\t0000000000000001\n', true],
  ['SigBlk:\t0000000000000001\nSigIgn:\t0000000000001003\nSigCgt:\t0000000000000400\n', true],
  ['SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n', false],
  ['SigIgn:\tffffffffffffffff\n', true],
  ['Name:\tSigIgn: 1\n', false],
  ['', false],
])('%j: SIGHUP is ignored: %s', (status, ignored) => {
  expect(ignoresHangUp(status)).toBe(ignored);
});

test.each([
  ['/usr/bin/nohup', false, true],
  ['nohup', false, true],
  ['/usr/bin/nohup', true, false],
  ['/usr/bin/npm', false, false],
  ['/usr/bin/nohup-all', false, false],
  [undefined, false, false],
])('started by %s, on a terminal: %s', (underscore, hasTerminal, expected) => {
  expect(isNohup(underscore, () => hasTerminal)).toBe(expected);
});
