/** The task of examples/medcor that makes the Python environment, without a network. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacks } from '../rig/lacks.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'examples', 'medcor', 'environment.py');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'devup-environment-'));
  copyFileSync(SCRIPT, join(folder, 'environment.py'));
  for (const version of ['1.0', '2.0']) makeWheel(version);
  writeFileSync(join(folder, 'requirements.txt'), wheel('1.0'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(lacks('python3'))('the environment of examples/medcor', () => {
  test('is created with the packages in the file', () => {
    const { status, output } = install('requirements.txt');
    expect(status, output).toBe(0);
    expect(output).toContain('making ');
    expect(versionOfPackage()).toBe('1.0');
  });

  test('stays unchanged if the file has not changed, also when run by its own Python', () => {
    const before = statSync(join(folder, '.venv', 'made-by')).mtimeMs;
    for (const own of [false, true]) expect(install('requirements.txt', own).output).toBe('requirements.txt: nothing has changed\n');
    expect(statSync(join(folder, '.venv', 'made-by')).mtimeMs).toBe(before);
  });

  test('gets new packages of the file, and keeps the others', () => {
    writeFileSync(join(folder, 'requirements.txt'), wheel('2.0'));
    const { status, output } = install('requirements.txt', true);
    expect(status, output).toBe(0);
    expect(output).not.toContain('making ');
    expect(versionOfPackage()).toBe('2.0');
  });

  test('is not considered complete after a failed installation', () => {
    writeFileSync(join(folder, 'more.txt'), './missing\n');
    expect(install('more.txt').status).not.toBe(0);
    expect(install('more.txt').status).not.toBe(0);
    writeFileSync(join(folder, 'more.txt'), '\n');
    expect(install('more.txt').status).toBe(0);
    expect(install('requirements.txt').output).toContain('nothing has changed');
  });

  test('is recreated if another Python made it, also when run by the Python in it', () => {
    writeFileSync(join(folder, '.venv', 'made-by'), '3.1 /gone');
    const { status, output } = install('requirements.txt', true);
    expect(status, output).toBe(0);
    expect(output).toContain('making ');
    expect(versionOfPackage()).toBe('2.0');
    expect(readFileSync(join(folder, '.venv', 'made-by'), 'utf8')).not.toContain('/gone');
  });
});

/** As the stack runs it; with `own`, as it runs once there is an environment, which comes first on the PATH. */
function install(file: string, own = false): { readonly status: number | null; readonly output: string } {
  const PATH = [...(own ? [join(folder, '.venv', 'bin')] : []), process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync('python3', ['environment.py', file], {
    cwd: folder,
    env: { ...process.env, PATH, PIP_NO_INDEX: '1', PYTHONUNBUFFERED: '1' },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

function versionOfPackage(): string {
  const python = join(folder, '.venv', 'bin', 'python');
  return spawnSync(python, ['-c', 'import sample; print(sample.version)'], { encoding: 'utf8' }).stdout.trim();
}

function wheel(version: string): string {
  return `./sample-${version}-py3-none-any.whl`;
}

/** A package that needs no build tool: a wheel is an archive with three metadata files. */
function makeWheel(version: string): void {
  const notes = `sample-${version}.dist-info`;
  const files = {
    'sample.py': `version = '${version}'`,
    [`${notes}/METADATA`]: `Metadata-Version: 2.1\nName: sample\nVersion: ${version}\n`,
    [`${notes}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${notes}/RECORD`]: '',
  };
  const zip = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    for name, text in json.loads(sys.argv[2]).items(): archive.writestr(name, text)`;
  const { status, stderr } = spawnSync('python3', ['-c', zip, join(folder, wheel(version)), JSON.stringify(files)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
