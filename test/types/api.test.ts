/** The published types, as the compiler sees them in a program without this repository's sources. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');

test('a program that uses the API as documented compiles, and each misuse is an error', async () => {
  const { rollUpTypes } = (await import('../../scripts/types.mjs' as string)) as { rollUpTypes(root: string, emitted: string): string };
  const project = mkdtempSync(path.join(tmpdir(), 'devup-api-types-'));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  const devup = path.join(project, 'node_modules/devup');
  mkdirSync(devup, { recursive: true });
  writeFileSync(path.join(devup, 'package.json'), JSON.stringify({ name: 'devup', type: 'module', types: './index.d.ts' }));
  writeFileSync(path.join(devup, 'index.d.ts'), rollUpTypes(repository, path.join(project, 'emitted')));
  cpSync(path.join(repository, 'test/fixtures/api/program.mts'), path.join(project, 'program.mts'));
  const compiler = path.join(repository, 'node_modules/tsc7/bin/tsc');
  const flags = ['--noEmit', '--strict', '--pretty', 'false', '--target', 'es2022', '--module', 'nodenext'];
  const said = await promisify(execFile)(process.execPath, [compiler, ...flags, 'program.mts'], { cwd: project }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(said).toBe('');
});
