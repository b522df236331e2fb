import { expect, test } from 'vitest';
import { parseExcludedPorts } from '../../../src/machine/parse/netstat.ts';

const ENGLISH = [
  '',
  'Protocol tcp Port Exclusion Ranges',
  '',
  'Start Port    End Port      ',
  '----------    --------      ',
  '        80          80      ',
  '      5986        5986      ',
  '     50000       50059     *',
  '     56638       56737      ',
  '',
  '* - Administered port exclusions.',
  '',
].join('\r\n');

test.each([
  [
    'in English',
    ENGLISH,
    [
      [80, 80],
      [5986, 5986],
      [50_000, 50_059],
      [56_638, 56_737],
    ],
  ],
  [
    'in Spanish, without a carriage return',
    'Puerto de inicio    Puerto final\n----------          --------\n      1025        1124\n',
    [[1025, 1124]],
  ],
  ['where there are none', '\r\nProtocol tcp Port Exclusion Ranges\r\n\r\nStart Port    End Port\r\n', []],
  ['in what is no table', 'The following command was not found: int ipv4 show 1 2 3\r\n99999 100000\r\n9 8\r\n', []],
])('ranges that Windows reserves are read %s', (_, text, ranges) => {
  expect(parseExcludedPorts(text)).toEqual(ranges);
});
