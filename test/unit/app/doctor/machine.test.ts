import { expect, test } from 'vitest';
import { checkSpace } from '../../../../src/app/doctor/machine.ts';

const MIB = 1024 * 1024;

test.each([
  [10 * MIB, 'problem'],
  [100 * MIB, 'note'],
  [5000 * MIB, 'ok'],
])('%i bytes of free disk space are: %s', (freeBytes, health) => {
  expect(checkSpace(freeBytes)).toEqual({ name: 'disk', health, freeBytes });
});
