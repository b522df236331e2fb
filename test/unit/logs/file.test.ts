import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogFile } from '../../../src/logs/file.ts';
import { bytesAfter, endOffset, readLog } from '../../../src/logs/read.ts';
import { releaseBuffer, takeBuffer } from '../../../src/model/buffer-pool.ts';
import type { LogLine } from '../../../src/model/log-line.ts';
import { freeSlots } from '../../rig/free-slots.ts';

let home: string;
let folder: string;
let nowMs: number;
let said: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devup-logs-'));
  folder = join(home, 'logs');
  nowMs = 1_700_000_000_000;
  said = [];
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function begin(capBytes?: number, service = 'web', sleep?: (ms: number, signal: AbortSignal) => Promise<void>): LogFile {
  return new LogFile({
    folder,
    service,
    ...(sleep ? { sleep } : {}),
    ...(capBytes === undefined ? {} : { capBytes }),
    now: () => nowMs,
    onProblem: (errno) => said.push(errno),
    onRestored: () => said.push('restored'),
  });
}

async function read(query: Partial<Parameters<typeof readLog>[0]> = {}): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of readLog({ folder, service: 'web', lines: null, sinceMs: null, grep: null, ...query })) lines.push(line);
  return lines;
}

function texts(lines: readonly LogLine[]): string[] {
  return lines.map((line) => line.text);
}

/** All parts on disk, oldest first, indexes left out. */
function wholeText(): Buffer {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.idx'));
  names.sort((a, b) => Number(b.split('.log.')[1] ?? 0) - Number(a.split('.log.')[1] ?? 0));
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

function bytesOnDisk(): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

describe('a log on disk', () => {
  test('holds the bytes exactly as they came, in a private folder and private files', async () => {
    const log = begin();
    const chunks = [Buffer.from([0, 255, 10, 13]), Buffer.from('é'), Buffer.from('no end')];
    expect(chunks.map((chunk) => log.append(chunk))).toEqual([0, 4, 6]);
    await log.close();
    expect(wholeText()).toEqual(Buffer.concat(chunks));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(said).toEqual([]);
  });

  test('never exceeds its cap, keeps the newest bytes, and the reader finds all of them', async () => {
    const log = begin(10_000);
    let printed = '';
    for (let i = 0; i < 2000; i++) {
      nowMs += 100;
      const line = `line ${i} ${'x'.repeat(i % 37)}\n`;
      log.append(Buffer.from(line));
      printed += line;
      if (i % 50 === 0) {
        await log.flush();
        expect(bytesOnDisk()).toBeLessThanOrEqual(10_000);
      }
    }
    await log.close();
    expect(bytesOnDisk()).toBeLessThanOrEqual(10_000);
    const kept = wholeText().toString();
    expect(kept.length).toBeGreaterThan(5000);
    expect(printed.endsWith(kept)).toBe(true);
    expect(texts(await read()).join('\n')).toBe(kept.slice(0, -1));
    expect(await endOffset({ folder, service: 'web' })).toBe(printed.length);
    expect((await read({ lines: 3 })).map((line) => line.text)).toEqual(printed.trimEnd().split('\n').slice(-3));
  });

  test('a new session begins a new log and keeps the previous one', async () => {
    const first = begin();
    first.append(Buffer.from('old 1\nold unfinished'));
    await first.close();
    nowMs += 5000;
    const second = begin();
    second.append(Buffer.from('new 1\n'));
    await second.close();
    expect(readFileSync(join(folder, 'web.log'), 'utf8')).toBe('new 1\n');
    expect(readFileSync(join(folder, 'web.log.1'), 'utf8')).toBe('old 1\nold unfinished');
    const lines = await read();
    expect(texts(lines)).toEqual(['old 1', 'old unfinished', 'new 1']);
    expect(lines.map((line) => line.offset)).toEqual([-20, -14, 0]);
    expect(texts(await read({ lines: 2 }))).toEqual(['old unfinished', 'new 1']);
  });

  test('a session without output yet is not confused with the one before', async () => {
    const first = begin();
    first.append(Buffer.from('old\n'));
    await first.close();
    nowMs += 5000;
    const second = begin();
    await second.flush();
    expect(await endOffset({ folder, service: 'web' })).toBe(0);
    expect((await read()).map((line) => line.offset)).toEqual([-4]);
    expect(texts(await read({ lines: 1 }))).toEqual(['old']);
    await second.close();
  });

  test('a symbolic link or a folder in place of the log is refused, and logging comes back once it is gone', async () => {
    const target = join(home, 'precious');
    writeFileSync(target, 'precious');
    for (const plant of [(file: string) => symlinkSync(target, file), (file: string) => mkdirSync(file)]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      said = [];
      const file = join(folder, 'web.log');
      plant(file);
      const log = begin();
      log.append(Buffer.from('lost\n'));
      await log.flush();
      expect(said).toEqual([lstatSync(file).isSymbolicLink() ? 'ELOOP' : 'EISDIR']);
      nowMs += 500;
      log.append(Buffer.from('lost too\n'));
      await log.flush();
      rmSync(file, { recursive: true });
      nowMs += 1000;
      expect(log.append(Buffer.from('kept\n'))).toBe(14);
      await log.close();
      expect(said.slice(1)).toEqual(['restored']);
      expect(readFileSync(file, 'utf8')).toBe('kept\n');
      expect(await read()).toMatchObject([{ text: 'kept', offset: 14, nextOffset: 19 }]);
    }
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test('a log that is deleted during a session is begun again', async () => {
    const log = begin();
    log.append(Buffer.from('before\n'));
    await log.flush();
    rmSync(folder, { recursive: true });
    nowMs += 2000;
    log.append(Buffer.from('after\n'));
    await log.close();
    expect(await read()).toMatchObject([{ text: 'after', offset: 7 }]);
    expect(said).toEqual([]);
  });

  test('output that the disk cannot take is dropped and reported, and the lines around it are not joined', async () => {
    const log = begin();
    log.append(Buffer.from('before, cut'));
    const flood = Buffer.alloc(33 * 1024 * 1024, 'x');
    log.append(flood);
    log.append(Buffer.from('after\n'));
    await log.close();
    expect(said).toEqual(['ENOBUFS', 'restored']);
    expect(await read()).toMatchObject([
      { text: 'before, cut', offset: 0, ended: false },
      { text: 'after', offset: 11 + flood.length, ended: true },
    ]);
    expect(texts(await read({ lines: 1 }))).toEqual(['after']);
  });

  test('a service name is never a path', async () => {
    const log = begin(undefined, '../../up');
    log.append(Buffer.from('x\n'));
    await log.close();
    expect(readdirSync(folder).sort()).toEqual(['%2e.%2f..%2fup.log', '%2e.%2f..%2fup.log.idx']);
  });
});

describe('reading a log', () => {
  test('since finds lines by their time, and never splits one', async () => {
    const log = begin();
    for (let i = 0; i < 10; i++) {
      nowMs += 10_000;
      log.append(Buffer.from(`minute ${i} begins`));
      await log.flush();
      nowMs += 5000;
      log.append(Buffer.from(', ends\n'));
    }
    await log.close();
    expect(texts(await read({ sinceMs: nowMs - 17_000 }))).toEqual(['minute 8 begins, ends', 'minute 9 begins, ends']);
    expect(texts(await read({ sinceMs: nowMs + 60_000 }))).toEqual([]);
    expect((await read({ lines: 1 }))[0]?.atMs).toBe(nowMs - 5000);
  });

  test('grep takes the last matches, also with a global expression', async () => {
    const log = begin();
    log.append(Buffer.from('a1\nb2\na3\na4\n'));
    await log.close();
    expect(texts(await read({ grep: /a/g, lines: 2 }))).toEqual(['a3', 'a4']);
  });

  test('a service without a log has no lines', async () => {
    expect(await read()).toEqual([]);
    expect(await endOffset({ folder, service: 'web' })).toBe(0);
  });

  test('an unfinished last line is marked, and without an index only the times are missing', async () => {
    const log = begin();
    log.append(Buffer.from('done\r\nhalf'));
    await log.close();
    rmSync(join(folder, 'web.log.idx'));
    expect(await read()).toMatchObject([
      { text: 'done', ended: true, atMs: null, offset: 0, nextOffset: 6 },
      { text: 'half', ended: false, offset: 6, nextOffset: 10 },
    ]);
  });

  test('the last n lines are the last of all lines, and between file and live stream nothing is missing or repeated', async () => {
    const chunk = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 30 }), fc.nat(40), fc.nat(30), async (chunks, lines, readAt) => {
        rmSync(folder, { recursive: true, force: true });
        nowMs += 10_000;
        const log = begin(100_000);
        const live: { bytes: Uint8Array; offset: number }[] = [];
        let onDisk: LogLine[] = [];
        let end = 0;
        for (let i = 0; i < chunks.length; i++) {
          nowMs += 300;
          const bytes = Buffer.from(chunks[i] as string);
          live.push({ bytes, offset: log.append(bytes) });
          if (i !== readAt) continue;
          await log.flush();
          onDisk = await read();
          end = await endOffset({ folder, service: 'web' });
          expect(texts(await read({ lines }))).toEqual(lines === 0 ? [] : texts(onDisk).slice(-lines));
        }
        await log.close();
        const joined =
          onDisk.map((line) => line.text + (line.ended ? '\n' : '')).join('') +
          live.map((event) => Buffer.from(bytesAfter(event, end) ?? []).toString()).join('');
        expect(joined).toBe(chunks.join(''));
        expect(onDisk.at(-1)?.nextOffset ?? 0).toBe(end);
      }),
      { numRuns: 40 },
    );
  });
});

const never = (_ms: number, signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

test('a flood is written at once while its source waits for room', async () => {
  const log = begin(undefined, 'web', never);
  const chunk = Buffer.alloc(60_000, 'x');
  log.append(Buffer.concat([chunk, chunk]));
  await log.flush();
  for (let i = 0; i < 6; i++) log.append(chunk);
  await log.backlogBelow(256 * 1024);
  await log.close();
  expect(statSync(log.file).size).toBe(480_000);
});

test('a flood is written in large blocks, but at once for a reader; every byte is in its place', async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 60_000, max: 70_000 }));
  const free = freeSlots();
  await fc.assert(
    fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 80 }), fc.uuid(), async (sizes, service) => {
      const logs = [begin(undefined, service, never), begin(undefined, `${service}-2`, never)];
      const written: Buffer[] = [];
      for (const [i, length] of sizes.entries()) {
        const chunk = Buffer.alloc(length, i % 251);
        written.push(chunk);
        // As from a pipe: reused once every reader has released them.
        const taken = takeBuffer(chunk);
        for (const log of logs) log.append(taken);
        releaseBuffer(taken);
        // A writer that waits for room sends nothing meanwhile.
        if (i % 20 === 19) for (const log of logs) await log.backlogBelow(256 * 1024);
      }
      await Promise.all(logs.map((log) => log.flush()));
      for (const log of logs) {
        expect(readFileSync(log.file).equals(Buffer.concat(written))).toBe(true);
        await log.close();
      }
      expect(freeSlots(), 'all was given back').toBe(free);
    }),
    { numRuns: 25 },
  );
  expect(said).toEqual([]);
});
