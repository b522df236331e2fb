import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomically } from '../../../src/machine/atomic-file.ts';

describe('a file written atomically', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'devup-atomic-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has every byte and is readable only by its owner', async () => {
    const file = join(folder, 'record.json');
    const text = 'ä€🐘\n'.repeat(200_000);
    await writeFileAtomically(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['record.json']);
  });

  it('replaces a link by a file instead of writing through it', async () => {
    const target = join(folder, 'precious');
    writeFileSync(target, 'kept');
    symlinkSync(target, join(folder, 'record.json'));
    await writeFileAtomically(join(folder, 'record.json'), 'new');
    expect(readFileSync(target, 'utf8')).toBe('kept');
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe('new');
  });

  it('is either the old or the new one to concurrent readers', async () => {
    const file = join(folder, 'record.json');
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(100_000));
    await writeFileAtomically(file, texts[0] ?? '');
    const writes = Promise.all(texts.map((text) => writeFileAtomically(file, text)));
    let going = true;
    const done = writes.then(() => {
      going = false;
    });
    while (going) {
      expect(texts).toContain(readFileSync(file, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    expect(readdirSync(folder)).toEqual(['record.json']);
  });

  it('leaves no temporary file when it cannot be put in place', async () => {
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
    await expect(writeFileAtomically(join(folder, 'taken'), 'x')).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY|EPERM/),
    });
    expect(readdirSync(folder)).toEqual(['taken']);
    await expect(writeFileAtomically(join(folder, 'none', 'x'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('is EACCES in a read-only folder', async () => {
    chmodSync(folder, 0o500);
    await expect(writeFileAtomically(join(folder, 'x'), 'x')).rejects.toMatchObject({ code: 'EACCES' });
    chmodSync(folder, 0o700);
  });
});
