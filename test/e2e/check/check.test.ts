/** `devup check` as people and workflows run it. Nothing is started. */
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { UNIFIED_HEALTH_STACK } from '../../rig/real-stacks.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { KINDS, unmarked } from '../../unit/check/kinds.ts';
import { MEDCOR } from '../../unit/check/repository.ts';

interface CheckJson {
  readonly schemaVersion: number;
  readonly findings: readonly {
    readonly code: string;
    readonly file: string | null;
    readonly line: number | null;
    readonly severity: string;
  }[];
  readonly checked: { readonly files: number; readonly references: number };
  readonly fixed?: readonly { readonly file: string; readonly ports: number }[];
  readonly refused?: readonly { readonly file: string; readonly why: string }[];
}

/** A backend and a frontend that are never started; `.env` sends the frontend to the wrong port. */
function drifted(rig: Rig): void {
  rig.config({
    backend: { command: 'node server.js', port: 8000, cwd: 'backend' },
    frontend: { command: 'npm run dev', port: 5000, cwd: 'frontend' },
  });
  mkdirSync(join(rig.root, 'backend'));
  rig.write('frontend/.env', '# where\r\nVITE_BACKEND_URL=http://localhost:8001\r\n');
  rig.write('frontend/package.json', '{ "scripts": { "dev": "vite --port 5000 --strictPort" } }\n');
}

test('a file that disagrees is reported with its line, exit 6; without one the exit code is 0', async ({ rig }) => {
  drifted(rig);
  const wrong = await rig.devup(['check']);
  expect(wrong).toMatchObject({ code: 6, stderr: '' });
  expect(wrong.stdout).toContain('✖ D102 backend is 8000 in the config, 8001 here: VITE_BACKEND_URL=http://localhost:8001');
  expect(wrong.stdout).toContain('frontend/.env:2:35');
  rig.write('frontend/.env', 'VITE_BACKEND_URL=http://localhost:8000\n');
  expect(await rig.devup(['check'])).toMatchObject({ code: 0, stdout: '✔ 2 files, 2 references, all agree with the config\n' });
});

test('warnings alone do not fail', async ({ rig }) => {
  drifted(rig);
  rig.write('frontend/.env', '');
  rig.write('compose.yml', 'services:\n  adminer: { image: adminer, ports: ["8081:8080"] }\n');
  const answer = await rig.devup(['check', '--json']);
  expect(answer.code).toBe(0);
  expect((answer.json() as CheckJson).findings).toMatchObject([{ code: 'D110', severity: 'warning', file: 'compose.yml', line: 2 }]);
});

test('a correction shows the diff, writes it, and leaves every other byte', async ({ rig }) => {
  drifted(rig);
  const file = join(rig.root, 'frontend/.env');
  chmodSync(file, 0o600);
  const answer = await rig.devup(['check', '--fix']);
  expect(answer.code).toBe(0);
  expect(answer.stdout).toContain('-VITE_BACKEND_URL=http://localhost:8001\r\n+VITE_BACKEND_URL=http://localhost:8000\r\n');
  expect(readFileSync(file, 'utf8')).toBe('# where\r\nVITE_BACKEND_URL=http://localhost:8000\r\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a read-only file is not corrected, and stays drift', async ({ rig }) => {
  drifted(rig);
  chmodSync(join(rig.root, 'frontend/.env'), 0o444);
  const answer = await rig.devup(['check', '--fix', '--json']);
  expect(answer.code).toBe(6);
  expect(answer.stderr).toContain('frontend/.env was not changed: it is read-only');
  expect(answer.json()).toMatchObject({ fixed: [], refused: [{ file: 'frontend/.env', why: 'read-only' }], findings: [{ code: 'D102' }] });
});

test('GitHub workflows get annotations at paths of the repository, code scanning gets SARIF', async ({ rig }) => {
  drifted(rig);
  const env = { GITHUB_WORKSPACE: join(rig.root, '..') };
  const github = await rig.devup(['check', '--format=github'], { env });
  expect(github.stdout).toMatch(/^::error file=project\/frontend\/\.env,line=2,col=35,title=devup D102::backend is 8000/);
  const sarif = await rig.devup(['check', '--format', 'sarif'], { env });
  expect([github.code, sarif.code]).toEqual([6, 6]);
  expect(sarif.json()).toMatchObject({ version: '2.1.0', runs: [{ results: [{ ruleId: 'D102' }] }] });
  expect(sarif.stdout).toContain('"uri":"project/frontend/.env"');
});

test('every kind of file is read by the packaged program', async ({ rig }) => {
  const { services, ...rest } = MEDCOR;
  rig.config(services, rest);
  for (const folder of ['medcor_backend', 'medcor_backend2']) mkdirSync(join(rig.root, folder));
  for (const [file, text] of Object.entries(KINDS)) rig.write(file, unmarked(text));
  const { stdout, code } = await rig.devup(['check']);
  expect(stdout).toMatch(/\n✔ \d+ files, \d+ references, all agree with the config\n$|^✔/);
  expect(code).toBe(0);
});

test('the document of a platform, as it was written, has exactly two faults', async ({ rig }) => {
  rig.write('orchestrator.config.json', JSON.stringify(UNIFIED_HEALTH_STACK));
  rig.write('docs/PORTS.md', readFileSync(join(import.meta.dirname, '../../fixtures/check/unifiedhealth.md'), 'utf8'));
  const { code, stdout } = await rig.devup(['check']);
  expect(code).toBe(6);
  expect(stdout).toContain('D107 grafana is on 3100, in no range, but belongs to the range infrastructure (9000-9999)');
  expect(stdout).toContain(
    'D106 notification-service is on 3006, in the range frontend (3000-3099), but belongs to the range backend (4000-4099)',
  );
  expect(stdout).toContain('expected 4000-4099, found 3006   fix: 4006 is the next free port of the range backend (4000-4099)');
  expect(stdout).toMatch(/✖ 1 file, 20 references: 2 errors\n$/);
});

test('a broken config is its own failure, and a wrong format is a usage error', async ({ rig }) => {
  rig.write('orchestrator.config.json', '{ "services": { "a": { "prot": 1 } } }');
  const broken = await rig.devup(['check', '--format=sarif']);
  expect(broken.code).toBe(3);
  expect(broken.json()).toMatchObject({ schemaVersion: 1, error: { code: 'E305' } });
  const wrong = await rig.devup(['check', '--format=xml']);
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('text, json, github, sarif');
});
