/**
 * A correct config compiles under every TypeScript version that users have; each mistake is reported in its own line. The
 * compilers see `devup` as a project does: in `node_modules`, with the types of the public entry.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(repository, 'test/fixtures/configs');
const compilers = [
  ['5.9', 'typescript-5.9/lib/tsc.js'],
  ['6', 'typescript/lib/tsc.js'],
  ['7', 'tsc7/bin/tsc'],
] as const;
let project = '';

beforeAll(() => {
  project = mkdtempSync(path.join(tmpdir(), 'devup-types-'));
  for (const name of ['good.mts', 'bad.mts']) cpSync(path.join(fixtures, name), path.join(project, name));
  const devup = path.join(project, 'node_modules/devup');
  mkdirSync(devup, { recursive: true });
  writeFileSync(
    path.join(devup, 'package.json'),
    JSON.stringify({ name: 'devup', type: 'module', types: './index.ts', exports: { types: './index.ts' } }),
  );
  writeFileSync(
    path.join(devup, 'index.ts'),
    `export { defineConfig } from './src/config/define.ts';\nexport type * from './src/model/service.ts';\n`,
  );
  symlinkSync(path.join(repository, 'src'), path.join(devup, 'src'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

async function compile(
  compiler: string,
  file: string,
  options: readonly string[],
): Promise<readonly { readonly line: number; readonly message: string }[]> {
  const args = [
    path.join(repository, 'node_modules', compiler),
    '--noEmit',
    '--pretty',
    'false',
    '--skipLibCheck',
    '--allowImportingTsExtensions',
    ...options,
    file,
  ];
  const run = await promisify(execFile)(process.execPath, args, { cwd: project }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  const errors = [...run.stdout.matchAll(/^(\S+?)\((\d+),\d+\): error (TS\d+: (?:.*(?:\n .*)*))/gm)];
  expect(run.stderr).toBe('');
  if (run.stdout !== '') expect(errors, run.stdout).not.toEqual([]);
  return errors.map(([, where, line, message]) => {
    expect(where, run.stdout).toBe(file);
    return { line: Number(line), message: message as string };
  });
}

const strict = ['--strict', '--module', 'nodenext', '--target', 'es2022'];
const bundler = [
  '--strict',
  '--module',
  'esnext',
  '--moduleResolution',
  'bundler',
  '--target',
  'es2022',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
];

describe.each(compilers)('under TypeScript %s', (version, compiler) => {
  test('the compiler has that version', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(repository, 'node_modules', compiler), '--version']);
    expect(stdout).toContain(`Version ${version}.`);
  });

  test('a config may use everything that the schema allows', async () => {
    expect(await compile(compiler, 'good.mts', strict)).toEqual([]);
    expect(await compile(compiler, 'good.mts', bundler)).toEqual([]);
  });

  test('each mistake is an error in its own line that names it', async () => {
    const lines = readFileSync(path.join(fixtures, 'bad.mts'), 'utf8').split('\n');
    const wrong = lines.flatMap((text, index) =>
      text.includes('// error: ') ? [{ line: index + 1, names: text.split('// error: ')[1] as string }] : [],
    );
    const errors = await compile(compiler, 'bad.mts', strict);
    expect(errors.map(({ line }) => line)).toEqual(wrong.map(({ line }) => line));
    for (const [index, { names }] of wrong.entries()) expect(errors[index]?.message).toContain(names);
  });

  test('an error about a misspelt service name suggests the right one', async () => {
    const errors = await compile(compiler, 'bad.mts', strict);
    expect(errors.find(({ line }) => line === 3)?.message).toMatch(/"dbb".*"db"/s);
  });
});
