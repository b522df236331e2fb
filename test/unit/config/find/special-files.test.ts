import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTextFile } from '../../../../src/check/read.ts';
import { findConfig } from '../../../../src/config/find/find.ts';
import { readRegularFile } from '../../../../src/config/find/regular-file.ts';
import { readEnvFiles } from '../../../../src/config/resolve/env-file.ts';
import type { FileWarning } from '../../../../src/model/service.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'devup-special-')));
  mkdirSync(path.join(root, 'app'));
});
afterEach(() => rmSync(root, { recursive: true }));

const KINDS: readonly (readonly [what: string, make: (file: string) => void])[] = [
  ['a named pipe, not a file', (file) => execFileSync('mkfifo', [file])],
  ['a device, not a file', (file) => symlinkSync('/dev/zero', file)],
  [
    'larger than 4 MiB',
    (file) => {
      writeFileSync(file, '');
      truncateSync(file, 5 * 1024 * 1024 * 1024);
    },
  ],
];

async function find(cwd: string, explicit: string | null = null) {
  const skipped: string[] = [];
  const found = await findConfig({
    cwd: path.join(root, cwd),
    explicit,
    env: {},
    home: root,
    owners: {
      uid: null,
      userName: async () => null,
      isOwnerless: () => false,
      safeFolders: async () => ({ values: [], hasGit: true }),
    },
    onSkipped: (file, message) => skipped.push(`${path.relative(root, file)} ${message}`),
  });
  return { found: found.ok ? path.relative(root, found.value.file) : found.failure, skipped };
}

const NAMES = ['package.json', '.orchestratorrc', '.orchestratorrc.json', 'orchestrator.config.ts', 'orchestrator.config.yaml'];

test.each(KINDS.flatMap(([what, make]) => NAMES.map((name) => [name, what, make] as const)))(
  '%s that is %s is named and skipped in the search',
  async (name, what, make) => {
    writeFileSync(path.join(root, 'orchestrator.config.json'), '{}');
    make(path.join(root, 'app', name));
    expect(await find('app')).toEqual({ found: 'orchestrator.config.json', skipped: [`app/${name} is ${what}`] });
  },
);

test('the next name of the same folder is found in its place', async () => {
  execFileSync('mkfifo', [path.join(root, 'app/orchestrator.config.ts')]);
  writeFileSync(path.join(root, 'app/orchestrator.config.yaml'), 'services: {}');
  expect((await find('app')).found).toBe('app/orchestrator.config.yaml');
  execFileSync('mkfifo', [path.join(root, '.orchestratorrc')]);
  writeFileSync(path.join(root, 'package.json'), '{"orchestrator":{}}');
  expect((await find('.')).found).toBe('package.json');
});

test.each(KINDS)('one that is named is refused if it is %s', async (what, make) => {
  make(path.join(root, 'mine.yaml'));
  expect((await find('.', 'mine.yaml')).found).toMatchObject({ code: 'E302', message: `it is ${what}` });
});

test.each(KINDS)('an env file that is %s is a problem, or skipped with a warning if it is not required', (what, make) => {
  const file = path.join(root, '.env.local');
  make(file);
  const warnings: FileWarning[] = [];
  const read = (required: boolean) =>
    readEnvFiles({ path: '.env.local', required }, { root, at: ['envFile'], env: {}, onWarning: (one) => warnings.push(one) });
  const said = what.replace('4 MiB', '1 MiB');
  const message = said.startsWith('larger') ? `names a file that is ${said}: ${file}` : `names ${said}: ${file}`;
  expect(read(true)).toMatchObject({ values: {}, findings: [{ message }] });
  expect(warnings).toEqual([]);
  expect(read(false)).toMatchObject({ values: {}, findings: [] });
  expect(warnings).toEqual([{ file, line: null, message: `is ${said} and was skipped` }]);
});

test.runIf(process.platform === 'linux')('a file of /proc, which says that it is empty and may have no end, counts as empty', () => {
  expect(readRegularFile('/proc/self/pagemap', 1024)).toBe('');
  expect(readTextFile('/proc/self/pagemap')).toMatchObject({ text: '' });
});
