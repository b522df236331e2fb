import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { argumentsFor } from '../../../scripts/flaky.mjs';
import { REPORT_VARIABLE, type Report } from '../../../scripts/test-report.mjs';

const home = join(import.meta.dirname, '..', '..', '..');
/** Each starts vitest anew. */
vi.setConfig({ testTimeout: 120_000 });
const USES = `import { beforeAll, describe, expect, test } from 'vitest';\n`;

/** Runs vitest in a folder with these files. */
async function run(files: Readonly<Record<string, string>>, args: (folder: string) => readonly string[] = () => []): Promise<Report> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'report-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(home, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const report = join(folder, 'report.json');
  const reporter = `--reporter=${join(home, 'scripts', 'test-report.mjs')}`;
  await promisify(execFile)(process.execPath, [join(home, 'node_modules', 'vitest', 'vitest.mjs'), 'run', reporter, ...args(folder)], {
    cwd: folder,
    env: { PATH: process.env['PATH'], [REPORT_VARIABLE]: report },
  }).catch((error: { readonly code?: number }) => expect(error.code).toBe(1));
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}

test('distinguishes failures in a test from failures outside a test', async () => {
  const report = await run({
    'a.test.js': `${USES}describe('a group', () => {
  test('holds (always)', () => {});
  test('fails', () => expect(1).toBe(2));
  test.skip('is left out', () => {});
});`,
    'broken.test.js': 'nonsense is not JavaScript',
    'hook.test.js': `${USES}describe('a group', () => { beforeAll(() => { throw new Error('no hook'); }); test('waits', () => {}); });`,
    'stray.test.js': `${USES}test('passes', () => void Promise.reject(new Error('nobody waits for this')));`,
  });
  expect(report.passed).toBe(2);
  expect(report.skipped).toContain('a group is left out');
  expect(report.failures).toEqual([
    { file: expect.stringMatching(/a\.test\.js$/), name: 'a group fails', message: expect.stringContaining('expected 1 to be 2') },
  ]);
  expect(report.outside).toHaveLength(3);
  const outside = report.outside.join('\n');
  for (const text of ['broken.test.js', 'no hook', 'nobody waits for this']) expect(outside).toContain(text);
});

test('a test can be run alone by its file and name', async () => {
  const files = { 'a.test.js': `${USES}describe('a (group)', () => { test('of 1', () => {}); test('of 1 and more', () => {}); });` };
  const report = await run(files, (folder) => argumentsFor({ file: join(folder, 'a.test.js'), name: 'a (group) of 1', message: '' }));
  expect(report).toMatchObject({ passed: 1, failures: [], outside: [] });
});
