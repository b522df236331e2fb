import fs, { mkdtempSync, readdirSync, readFile, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile as readLater } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { withFileReads } from '../../../../src/config/evaluate/file-reads.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'devup-reads-'));
const at = (name: string) => path.join(folder, name);

afterAll(() => rmSync(folder, { recursive: true }));

it('records what is read, by whichever function and however it is named, and nothing afterwards', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e.json', 'later']) writeFileSync(at(name), '{}');
  const read: string[] = [];
  const before = { ...fs };
  await withFileReads(
    (file) => read.push(file),
    async () => {
      readFileSync(at('a'));
      fs.readFileSync(pathToFileURL(at('b')));
      await readLater(path.relative(process.cwd(), at('c')), 'utf8');
      await new Promise((resolve) => readFile(Buffer.from(at('d')), resolve));
      createRequire(import.meta.url)(at('e.json'));
      readdirSync(folder);
      readFileSync(fs.openSync(at('a'), 'r'));
      expect(() => readFileSync(at('missing'))).toThrow('ENOENT');
    },
  );
  readFileSync(at('later'));
  expect(read).toEqual([at('a'), at('b'), at('c'), at('d'), at('e.json'), folder, at('missing')]);
  expect({ ...fs }).toEqual(before);
});

it('lets go of the functions when the code fails', async () => {
  const { readFileSync: original } = fs;
  await expect(
    withFileReads(
      () => undefined,
      () => Promise.reject(new Error('broken config')),
    ),
  ).rejects.toThrow('broken config');
  expect(fs.readFileSync).toBe(original);
});
