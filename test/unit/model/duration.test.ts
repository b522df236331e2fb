import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/model/duration.ts';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['250', 250],
  [' 3 s ', 3000],
  [0, 0],
  [1.6, 2],
])('%j is %i ms', (input, expected) => {
  expect(parseDuration(input)).toBe(expected);
});

test.each([
  '',
  'soon',
  '10 seconds',
  '-1s',
  '1e3',
  '10sec',
  '1m30s',
  'Infinity',
  '.5s',
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  undefined,
  {},
  [],
])('%j is not a duration', (input) => {
  expect(parseDuration(input)).toBeNull();
});

test('every unit is a multiple of milliseconds', () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])), (count, unit) => {
      expect(parseDuration(`${count}${unit}`)).toBe(count * units[unit]);
    }),
  );
});

test('no text makes it throw or return anything but a number of milliseconds', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const ms = parseDuration(text);
      expect(ms === null || (Number.isInteger(ms) && ms >= 0)).toBe(true);
    }),
  );
});

test.each([
  [350, '350 ms'],
  [2100, '2.1 s'],
  [2000, '2 s'],
  [60_000, '1m'],
  [11_520_000, '3h12m'],
  [10_800_000, '3h'],
  [352_800_000, '4d2h'],
  [345_600_000, '4d'],
])('%i ms is shown as %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected);
});

test('a longer time never looks empty, negative or like a number of seconds beyond a minute', () => {
  fc.assert(
    fc.property(fc.nat(10 ** 9), (ms) => {
      const text = formatDuration(ms);
      expect(text).toMatch(/^(\d+ ms|\d+(\.\d)? s|\d+m|\d+h(\d+m)?|\d+d(\d+h)?)$/);
      const seconds = /^([\d.]+) s$/.exec(text);
      if (seconds) expect(Number(seconds[1])).toBeLessThanOrEqual(60);
    }),
  );
});
