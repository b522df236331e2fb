import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeChange } from '../../../src/check/edit.ts';
import { type FileText, readTextFile } from '../../../src/check/read.ts';
import { writeAll } from '../../../src/check/write-all.ts';
import { repository } from './repository.ts';

function read(root: string, file: string): FileText {
  return readTextFile(path.join(root, file)) as FileText;
}

const all = (root: string) => readdirSync(root, { recursive: true }).map(String).toSorted();

test('several files and new ones are written, with their modes and BOMs, through links', () => {
  const root = repository({ 'a.env': '\uFEFFA=1\r\n', 'real/b.yml': 'b: 1\n' });
  chmodSync(path.join(root, 'a.env'), 0o600);
  symlinkSync('real/b.yml', path.join(root, 'b.yml'));
  const writings = [
    { file: 'a.env', read: read(root, 'a.env'), after: 'A=2\r\n' },
    { file: 'b.yml', read: read(root, 'b.yml'), after: 'b: 2\n' },
    { file: 'k8s/new/c.yml', read: null, after: 'c: 1\n' },
  ];
  expect(writeAll(root, writings)).toBeNull();
  expect(readFileSync(path.join(root, 'a.env'), 'utf8')).toBe('\uFEFFA=2\r\n');
  expect(statSync(path.join(root, 'a.env')).mode & 0o777).toBe(0o600);
  expect(readFileSync(path.join(root, 'real/b.yml'), 'utf8')).toBe('b: 2\n');
  expect(all(root)).toEqual(['a.env', 'b.yml', 'k8s', 'k8s/new', 'k8s/new/c.yml', 'real', 'real/b.yml']);
});

test.each([
  ['a link to a file outside', 'a', (root: string, outside: string) => symlinkSync(path.join(outside, 'a'), path.join(root, 'a'))],
  ['a link to a folder outside', 'docs/a', (root: string, outside: string) => symlinkSync(outside, path.join(root, 'docs'))],
  [
    'a link to another link',
    'a',
    (root: string, outside: string) => {
      symlinkSync('b', path.join(root, 'a'));
      symlinkSync(path.join(outside, 'a'), path.join(root, 'b'));
    },
  ],
  [
    'a link into .git',
    'a',
    (root: string) => {
      mkdirSync(path.join(root, '.git/hooks'), { recursive: true });
      writeFileSync(path.join(root, '.git/hooks/a'), 'a');
      symlinkSync('.git/hooks/a', path.join(root, 'a'));
    },
  ],
] as const)('nothing is written through %s', (_, file, link) => {
  const outside = repository({ a: 'a' });
  const root = repository({ other: 'a' });
  link(root, outside);
  const writings = [
    { file: 'other', read: read(root, 'other'), after: 'A' },
    { file, read: read(root, file), after: 'A' },
  ];
  expect(writeAll(root, writings)).toEqual({ file, why: 'outside' });
  expect(writeChange(root, { file, before: 'a', after: 'A', findings: [] }, read(root, file))).toBe('outside');
  expect([readFileSync(path.join(outside, 'a'), 'utf8'), readFileSync(path.join(root, 'other'), 'utf8')]).toEqual(['a', 'a']);
});

test('no new file is written into a folder outside', () => {
  const outside = repository({});
  const root = repository({});
  symlinkSync(outside, path.join(root, 'k8s'));
  expect(writeAll(root, [{ file: 'k8s/new/c.yml', read: null, after: 'c' }])).toEqual({ file: 'k8s/new/c.yml', why: 'outside' });
  expect(all(outside)).toEqual([]);
});

test('a link of a folder to another one of the same repository is followed', () => {
  const repo = repository({ 'shared/a': 'a', 'app/x': '' });
  mkdirSync(path.join(repo, '.git'));
  symlinkSync('../shared', path.join(repo, 'app/shared'));
  const root = path.join(repo, 'app');
  expect(writeAll(root, [{ file: 'shared/a', read: read(root, 'shared/a'), after: 'A' }])).toBeNull();
  expect(readFileSync(path.join(repo, 'shared/a'), 'utf8')).toBe('A');
});

test.each([
  ['changed', (root: string) => writeFileSync(path.join(root, 'b'), 'changed')],
  ['changed', (root: string) => rmSync(path.join(root, 'b'))],
  ['read-only', (root: string) => chmodSync(path.join(root, 'b'), 0o444)],
] as const)('if one file is %s, none is changed', (why, meanwhile) => {
  const root = repository({ a: 'a', b: 'b' });
  const writings = [
    { file: 'new/c', read: null, after: 'c' },
    { file: 'a', read: read(root, 'a'), after: 'A' },
    { file: 'b', read: read(root, 'b'), after: 'B' },
  ];
  meanwhile(root);
  const before = all(root);
  expect(writeAll(root, writings)).toEqual({ file: 'b', why });
  expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('a');
  expect(all(root)).toEqual(before);
});

test('renamed files are restored if a later one cannot be renamed', () => {
  const root = repository({ a: 'a', 'folder/b': 'b' });
  const writings = [
    { file: 'a', read: read(root, 'a'), after: 'A' },
    { file: 'folder/b', read: read(root, 'folder/b'), after: 'B' },
    {
      file: 'new',
      read: null,
      // The temporary file of the last one is created after those of the others: then one of the others is removed.
      get after(): string {
        rmSync(path.join(root, 'folder/b'));
        return 'new';
      },
    },
  ];
  expect(writeAll(root, writings)).toEqual({ file: 'folder/b', why: 'changed' });
  expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('a');
  expect(all(root)).toEqual(['a', 'folder']);
});

test('a new file does not overwrite an existing one', () => {
  const root = repository({ a: 'a' });
  mkdirSync(path.join(root, 'f'));
  expect(writeAll(root, [{ file: 'a', read: null, after: 'b' }])).toEqual({ file: 'a', why: 'exists' });
  expect(writeAll(root, [{ file: 'f', read: null, after: 'b' }])).toEqual({ file: 'f', why: 'exists' });
});
