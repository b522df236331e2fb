import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/check/report/diff.ts';
import { lacks } from '../../rig/lacks.ts';
import { applied, undone } from './patch.ts';
import { repository } from './repository.ts';

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '', 'd '), { maxLength: 12 })
  .chain((lines) => fc.constantFrom('', '\n', '\r\n').map((end) => lines.join('\n') + (lines.length > 0 ? end : '')));

test('a diff leads from one text to the other, and back to every byte', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff({ file: 'x', before, after });
      expect(applied(diff, { x: before })).toEqual({ x: after });
      expect(undone(diff, { x: after })).toEqual({ x: before });
    }),
  );
});

test.skipIf(lacks('git'))('git can undo it', () => {
  const before = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');
  const after = before.replace('line 3\n', 'line 3\nmore\nand more\n').replace('line 30\n', '').replace('line 39\n', 'line 39, changed');
  const root = repository({ x: after });
  writeFileSync(path.join(root, 'the.diff'), unifiedDiff({ file: 'x', before, after }));
  execFileSync('git', ['apply', '-R', 'the.diff'], { cwd: root, env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(root) } });
  expect(readFileSync(path.join(root, 'x'), 'utf8')).toBe(before);
});

test('a large change still leads from one text to the other', () => {
  const lines = (letter: string) => Array.from({ length: 3000 }, (_, i) => `${letter}${i}\n`).join('');
  const diff = unifiedDiff({ file: 'x', before: `same\n${lines('a')}`, after: `same\n${lines('b')}` });
  expect(applied(diff, { x: `same\n${lines('a')}` })).toEqual({ x: `same\n${lines('b')}` });
});
