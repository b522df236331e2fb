import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tsconfigFor } from '../../../../src/config/evaluate/tsconfig.ts';

let root: string;
let config: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'devup-tsconfig-')));
  mkdirSync(path.join(root, 'app/api'), { recursive: true });
  config = path.join(root, 'app/api/orchestrator.config.ts');
  writeFileSync(config, '');
});
afterEach(() => rmSync(root, { recursive: true }));

function tsconfig(folder: string): string {
  const file = path.join(root, folder, 'tsconfig.json');
  writeFileSync(file, '{}');
  return file;
}

test('the nearest tsconfig.json upward counts', () => {
  expect(tsconfigFor(config)).toBe(null);
  for (const folder of ['.', 'app', 'app/api']) {
    const file = tsconfig(folder);
    expect(tsconfigFor(config)).toBe(file);
  }
});

test('one above the repository does not count', () => {
  tsconfig('.');
  mkdirSync(path.join(root, 'app/.git'));
  expect(tsconfigFor(config)).toBe(null);
});

test.skipIf(process.platform === 'win32')('one in a folder above in which every user can write does not count', () => {
  tsconfig('.');
  expect(tsconfigFor(config)).not.toBe(null);
  chmodSync(root, 0o1777);
  expect(tsconfigFor(config)).toBe(null);
});

test.skipIf(process.platform === 'win32')('a named pipe is not opened', () => {
  execFileSync('mkfifo', [path.join(root, 'app/tsconfig.json')]);
  expect(tsconfigFor(config)).toBe(null);
});

test.skipIf(process.geteuid?.() !== 0)('one of another user does not count, unless the config is theirs too', () => {
  const file = tsconfig('app');
  chownSync(file, 65534, 65534);
  expect(tsconfigFor(config)).toBe(null);
  chownSync(config, 65534, 65534);
  expect(tsconfigFor(config)).toBe(file);
});
