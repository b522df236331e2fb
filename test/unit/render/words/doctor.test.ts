import { describe, expect, test } from 'vitest';
import type { DoctorCheck } from '../../../../src/model/doctor.ts';
import { doctorLine } from '../../../../src/render/words/doctor.ts';
import { NO_VIEWER } from '../../../../src/render/words/viewer.ts';
import { holder } from '../../processes/holders.ts';

const viewer = { ...NO_VIEWER, home: '/home/me' };
const MIB = 1024 * 1024;

const lines: readonly (readonly [
  DoctorCheck,
  text: string | RegExp,
  details: readonly (string | RegExp)[],
  fix: string | RegExp | null,
])[] = [
  [{ name: 'node', health: 'problem', version: 'v18.0.0', execPath: 'node' }, 'v18.0.0 is too old', [], /20\.19/],
  [{ name: 'platform', health: 'ok', system: 'linux x64', user: 'root' }, 'linux x64, as root', [], null],
  [
    { name: 'tools', health: 'problem', found: ['ps'], missing: ['lsof'], missingOptional: ['docker'] },
    'lsof missing; found ps; missing, but not needed: docker',
    [],
    'install lsof',
  ],
  [{ name: '/proc', health: 'problem', state: { errno: 'EACCES' } }, 'cannot be read: EACCES', [], /^mount it/],
  [
    { name: 'containers', health: 'problem', installed: ['docker'], running: null, neededBy: ['db'] },
    'docker installed, but no engine answers; needed by db',
    [],
    'start the container engine',
  ],
  [{ name: 'environment', health: 'ok', variables: ['CI', 'NO_COLOR'] }, 'CI=… NO_COLOR=…', [], null],
  [
    { name: 'config', health: 'ok', found: { kind: 'loaded', file: '/home/me/app/c.ts', services: 3, optional: 1, ports: 4 } },
    '~/app/c.ts: 3 services (1 optional), 4 ports',
    [],
    null,
  ],
  [{ name: 'AirPlay', health: 'note', ports: [5000, 7000] }, 'its receiver listens on 5000 and 7000', [], /AirDrop/],
  [{ name: 'session', health: 'ok', found: { kind: 'none' } }, 'not running', [], null],
  [
    {
      name: 'holders',
      health: 'note',
      taken: [{ service: 'web', port: 8000, holders: [{ ...holder(), port: 8000, verdict: 'foreign' }] }],
    },
    'a port of the config is held by others',
    [/^8000 of web is held by node \(pid 4000/],
    /--dry-run/,
  ],
  [
    { name: 'leftovers', health: 'problem', found: { kind: 'processes', processes: [{ pid: 7, name: 'node', service: 'web' }] } },
    '1 process of an earlier session still running',
    ['node (pid 7) of web'],
    'devup stop',
  ],
  [{ name: 'disk', health: 'note', freeBytes: 100 * MIB }, '100M free', [], /^free some space/],
];

describe('a check is reported in one line', () => {
  for (const [check, text, details, fix] of lines) {
    test(`${check.name}: ${text}`, () => {
      const line = doctorLine(check, viewer);
      expect(line).toMatchObject({ name: check.name, health: check.health, text: like(text) });
      expect(line.details ?? []).toEqual(details.map(like));
      expect(line.fix).toEqual(fix === null ? null : like(fix));
    });
  }
});

function like(text: string | RegExp): unknown {
  return typeof text === 'string' ? text : expect.stringMatching(text);
}
