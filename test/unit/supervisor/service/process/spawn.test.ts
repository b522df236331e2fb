import { expect, test } from 'vitest';
import { linuxPlatform } from '../../../../../src/machine/linux.ts';
import { serviceEnvironment } from '../../../../../src/supervisor/service/process/spawn.ts';
import { aService } from '../../../../rig/services.ts';

type Variables = Readonly<Record<string, string>>;

function colours(own: { readonly env?: Variables; readonly file?: Variables }, base: Variables = {}, colour = true): string {
  const service = aService('web', { env: own.env ?? {}, envFileValues: own.file ?? {} });
  const env = serviceEnvironment(service, { machine: { platform: linuxPlatform }, stack: { name: 'test' }, baseEnv: base, colour });
  return `NO_COLOR=${env['NO_COLOR'] ?? '-'} FORCE_COLOR=${env['FORCE_COLOR'] ?? '-'}`;
}

test('what a service’s own env says of colours holds, on a terminal and whatever the shell says', () => {
  expect(colours({})).toBe('NO_COLOR=- FORCE_COLOR=1');
  expect(colours({ env: { NO_COLOR: '1' } })).toBe('NO_COLOR=1 FORCE_COLOR=-');
  expect(colours({ env: { NO_COLOR: '1' } }, { FORCE_COLOR: '1' })).toBe('NO_COLOR=1 FORCE_COLOR=-');
  expect(colours({ env: { FORCE_COLOR: '0' } }, { FORCE_COLOR: '1' })).toBe('NO_COLOR=- FORCE_COLOR=0');
  expect(colours({ env: { FORCE_COLOR: '1' } }, { NO_COLOR: '1' }, false)).toBe('NO_COLOR=- FORCE_COLOR=1');
  expect(colours({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).toBe('NO_COLOR=1 FORCE_COLOR=1');
  expect(colours({ file: { NO_COLOR: '1' } })).toBe('NO_COLOR=1 FORCE_COLOR=-');
  expect(colours({ file: { FORCE_COLOR: '3' } })).toBe('NO_COLOR=- FORCE_COLOR=3');
});

test('an empty NO_COLOR is none', () => {
  expect(colours({ env: { NO_COLOR: '' } }, { NO_COLOR: '1' })).toBe('NO_COLOR= FORCE_COLOR=1');
});

test('without a terminal, colours are as the shell says', () => {
  expect(colours({}, { FORCE_COLOR: '2' }, false)).toBe('NO_COLOR=- FORCE_COLOR=2');
  expect(colours({}, { NO_COLOR: '1' }, false)).toBe('NO_COLOR=1 FORCE_COLOR=-');
});
