/** The facts of systems that the tests do not run on. */
import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { darwinPlatform } from '../../../src/machine/darwin.ts';
import { linuxPlatform } from '../../../src/machine/linux.ts';
import { portFacts } from '../../../src/machine/port-facts.ts';
import { win32Platform } from '../../../src/machine/win32.ts';
import { FakeMachine } from '../../rig/fake-machine.ts';

const systems = [linuxPlatform, darwinPlatform, win32Platform];

test('each system has its own name, and the only lock of its kind', () => {
  expect(systems.map(({ name }) => name)).toEqual(['linux', 'darwin', 'win32']);
  expect(systems.map(({ lock }) => lock)).toEqual(['abstract-socket', 'lock-file', 'named-pipe']);
});

test.each([
  [linuxPlatform, { HOME: '/home/me' }, '/home/me/.cache'],
  [linuxPlatform, {}, path.join(homedir(), '.cache')],
  [darwinPlatform, { HOME: '/Users/me' }, '/Users/me/Library/Caches'],
  [darwinPlatform, { HOME: '/Users/me', XDG_CACHE_HOME: '/c' }, '/c'],
  [win32Platform, { USERPROFILE: '/Users/me', HOME: '/msys' }, '/Users/me/AppData/Local'],
  [win32Platform, { USERPROFILE: '/Users/me', LOCALAPPDATA: '/Users/me/Local' }, '/Users/me/Local'],
] as const)("caches are in the system's cache folder (%#)", (platform, env, folder) => {
  expect(platform.cachesFolder(env)).toBe(folder);
});

test('what a system does with ports comes from its machine', async () => {
  const machine = new FakeMachine();
  machine.platform = darwinPlatform;
  machine.excluded = [[4900, 5000]];
  expect(await portFacts(machine)).toEqual({ ephemeral: [32_768, 60_999], excluded: [[4900, 5000]], airPlayPorts: [5000, 7000] });
});
