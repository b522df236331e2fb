import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const home = join(import.meta.dirname, '..', '..', '..');

/** The output of the check on a repository with these files and the real glossary. */
async function said(files: Readonly<Record<string, string>>): Promise<string> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'words-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const folder of ['src', 'docs']) mkdirSync(join(root, folder));
  cpSync(join(home, 'docs', 'glossary.md'), join(root, 'docs', 'glossary.md'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return promisify(execFile)(process.execPath, [join(home, 'scripts', 'words.mjs'), root]).then(
    () => '',
    ({ code, stderr }: { readonly code: number; readonly stderr: string }) => {
      expect(code).toBe(1);
      return stderr.trim();
    },
  );
}

test('this repository uses the words of its glossary', async () => {
  await promisify(execFile)(process.execPath, [join(home, 'scripts', 'words.mjs')]);
});

test.each<[string, Record<string, string>, string]>([
  ['a replaced word', { 'docs/a.md': '# A\n\nEach heir is kept.' }, 'docs/a.md:3: "heir": say successor'],
  ['a replaced word in a name', { 'test/a.test.ts': 'const theQuarryOf = 1;' }, 'test/a.test.ts:1: "quarry": say target set'],
  ['a file named for no thing', { 'src/app/late.ts': '' }, 'src/app/late.ts: "late" is not the name of a thing'],
  ['an export named for no thing', { 'src/app/a.ts': 'export const AGAIN = 1;' }, 'src/app/a.ts:1: "AGAIN" is not the name of a thing'],
  ['a comment without its subject', { 'src/app/a.ts': '/** Of a thing. */' }, 'src/app/a.ts:1: a comment begins with its subject'],
  ['such a comment of several lines', { 'src/app/a.ts': '/**\n * Whoever asks\n */' }, 'src/app/a.ts:2: a comment begins with its subject'],
  ['such a comment with another word', { 'src/app/a.ts': '/** What a thing is. */' }, 'src/app/a.ts:1: a comment begins with its subject'],
  ['such a comment behind code', { 'src/app/a.ts': 'run(); // Who knows' }, 'src/app/a.ts:1: a comment begins with its subject'],
  [
    'a name with two meanings',
    { 'src/app/a.ts': 'export interface Row {}', 'src/cli/b.ts': 'export type Row = 1;' },
    'src/app/a.ts, src/cli/b.ts: each exports another "Row"',
  ],
  [
    'a long glossary',
    { 'docs/glossary.md': `| word | meaning |\n|---|---|\n${'| thing | a thing |\n'.repeat(41)}` },
    'docs/glossary.md: 41 words, at most 40',
  ],
])('%s is named', async (_, files, problem) => {
  expect(await said(files)).toBe(problem);
});

test('a word inside another, or a sentence that continues in the next line, is fine', async () => {
  expect(await said({ 'src/app/a.ts': '// their kind of talent, and one more\n// Of a kind that is rare' })).toBe('');
});
