import { expect, test } from 'vitest';
import { ephemeralRange, ephemeralRangeByCount } from '../../../src/machine/ephemeral.ts';

test.each([
  ['Linux', '32768\t60999\n', [32_768, 60_999]],
  ['macOS', '49152\n65535\n', [49_152, 65_535]],
  ['Linux', '', null],
  ['Linux', '60999 32768', null],
  ['macOS', 'sysctl: unknown oid', null],
] as const)('on %s %j is %j', (_, text, range) => {
  expect(ephemeralRange(text)).toEqual(range);
});

test.each([
  ['\r\nProtocol tcp Dynamic Port Range\r\n---------\r\nStart Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n', [49_152, 65_535]],
  ['Startport: 1024\r\nAnzahl von Ports: 10\r\n', [1024, 1033]],
  ['The command was not found', null],
] as const)('on Windows %j is %j', (text, range) => {
  expect(ephemeralRangeByCount(text)).toEqual(range);
});
