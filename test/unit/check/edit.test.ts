import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { changesOf, writeChange } from '../../../src/check/edit.ts';
import type { FileText } from '../../../src/check/read.ts';
import { unifiedDiff } from '../../../src/check/report/diff.ts';
import { checkIn, MEDCOR, repository } from './repository.ts';

async function fix(text: string | Buffer, between: (file: string) => void = () => undefined) {
  const root = repository({ '.env': '' });
  const file = path.join(root, '.env');
  writeFileSync(file, text);
  const { findings, texts } = await checkIn(root, MEDCOR);
  between(file);
  const changes = changesOf(findings, texts);
  const answers = changes.map((change) => writeChange(root, change, texts.get('.env') as FileText));
  return {
    file,
    answers,
    diff: changes.map(unifiedDiff).join(''),
    bytes: bytesOf(file),
    left: (await checkIn(root, MEDCOR)).findings.length,
  };
}

/** Empty if the file no longer exists. */
function bytesOf(file: string): Buffer {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : Buffer.alloc(0);
}

test('only the port changes: the BOM, line ends and everything else stay', async () => {
  const { bytes, answers, left } = await fix(
    '\uFEFF# é\r\n  BACKEND2_URL = "http://localhost:8001/x"   # why\r\nA=1\n\r\nBACKEND_PORT=8009',
  );
  expect(bytes.toString()).toBe('\uFEFF# é\r\n  BACKEND2_URL = "http://localhost:8002/x"   # why\r\nA=1\n\r\nBACKEND_PORT=8000');
  expect([answers, left]).toEqual([[null], 0]);
});

test('the diff can be applied by patch', async () => {
  const { diff } = await fix('A=1\nB=2\nC=3\nD=4\nBACKEND2_PORT=8001\nE=5\nF=6\nG=7\nH=8\nI=9\nJ=10\nK=11\nBACKEND_PORT=8001');
  expect(diff).toBe(
    '--- a/.env\n+++ b/.env\n@@ -2,7 +2,7 @@\n B=2\n C=3\n D=4\n-BACKEND2_PORT=8001\n+BACKEND2_PORT=8002\n E=5\n F=6\n G=7\n' +
      '@@ -10,4 +10,4 @@\n I=9\n J=10\n K=11\n-BACKEND_PORT=8001\n\\ No newline at end of file\n+BACKEND_PORT=8000\n\\ No newline at end of file\n',
  );
});

test('the mode stays', async () => {
  const { file } = await fix('BACKEND_PORT=8009\n', (file) => chmodSync(file, 0o640));
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

test('a file that changed since it was read stays unchanged', async () => {
  const { bytes, answers } = await fix('BACKEND_PORT=8009\n', (file) => writeFileSync(file, 'BACKEND_PORT=8008\n'));
  expect([bytes.toString(), answers]).toEqual(['BACKEND_PORT=8008\n', ['changed']]);
});

test.each([
  ['was removed', (file: string) => rmSync(file)],
  [
    'became a folder',
    (file: string) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
  [
    'became a pipe',
    (file: string) => {
      rmSync(file);
      execFileSync('mkfifo', [file]);
    },
  ],
  [
    'became a link to itself',
    (file: string) => {
      rmSync(file);
      symlinkSync('.env', file);
    },
  ],
])('a file that %s meanwhile stays unchanged', async (_, between) => {
  const { answers } = await fix('BACKEND_PORT=8009\n', between);
  expect(answers).toEqual(['changed']);
});

test('a read-only file stays unchanged, also for root', async () => {
  const { bytes, answers } = await fix('BACKEND_PORT=8009\n', (file) => chmodSync(file, 0o444));
  expect([bytes.toString(), answers]).toEqual(['BACKEND_PORT=8009\n', ['read-only']]);
});

test('a file with invalid UTF-8 is not written, since its bytes would not survive', async () => {
  const text = Buffer.from('# caf\xe9\nBACKEND_PORT=8009\n', 'latin1');
  const { bytes, answers } = await fix(text);
  expect([bytes.equals(text), answers]).toEqual([true, ['not-utf8']]);
});

test('an uncertain value is not written', async () => {
  const { bytes, answers } = await fix('SOMETHING=http://localhost:8001\nALLOWED_HOSTS=*:8002\n');
  expect([bytes.toString(), answers]).toEqual(['SOMETHING=http://localhost:8001\nALLOWED_HOSTS=*:8002\n', []]);
});
