import { expect, test } from 'vitest';
import { ephemeralPorts, parseEphemeral } from '../../../src/machine/ephemeral.ts';

test.each([
  ['linux', '32768\t60999\n', [32_768, 60_999]],
  ['darwin', '49152\n65535\n', [49_152, 65_535]],
  [
    'win32',
    '\r\nProtocol tcp Dynamic Port Range\r\n---------\r\nStart Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n',
    [49_152, 65_535],
  ],
  ['win32', 'Startport: 1024\r\nAnzahl von Ports: 10\r\n', [1024, 1033]],
  ['linux', '', null],
  ['linux', '60999 32768', null],
  ['darwin', 'sysctl: unknown oid', null],
] as const)('on %s %j is %j', (platform, text, range) => {
  expect(parseEphemeral(platform, text)).toEqual(range);
});

test('this system tells its own', async () => {
  const range = await ephemeralPorts(process.platform as 'linux');
  expect(range === null || range[0] < range[1]).toBe(true);
});
