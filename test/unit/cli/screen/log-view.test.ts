import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Context } from '../../../../src/cli/context.ts';
import { logView } from '../../../../src/cli/screen/log-view.ts';
import type { Screen } from '../../../../src/cli/screen/screen.ts';
import { bytesAfter } from '../../../../src/logs/read.ts';
import { Splitter } from '../../../../src/logs/splitter.ts';
import { Output } from '../../../../src/render/output.ts';
import { NO_VIEWER } from '../../../../src/render/words/viewer.ts';
import { FakeClock } from '../../../rig/fake-clock.ts';

type Look = { readonly json: boolean; readonly grep: RegExp | null };

/** A log that was read up to `cut`, and continues in chunks that partly repeat what was read. */
async function show(text: string, cut: number, overlap: number, chunkSize: number, { json, grep }: Look): Promise<string> {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      written += chunk.toString('utf8');
      done();
    },
  });
  const out = new Output({ stream, isTerminal: false });
  const shown: Screen = { json, debug: false, out, err: out, outColour: false, errColour: false, viewer: NO_VIEWER, interactive: false };
  const context = { stdout: { isTTY: false }, machine: { clock: new FakeClock() } } as unknown as Context;
  const view = logView({ names: ['web'], prefix: false, grep, follow: true, shown, context });
  const bytes = Buffer.from(text);
  const splitter = new Splitter();
  let end = 0;
  for (const record of [...splitter.push(bytes.subarray(0, cut)), ...splitter.end()]) {
    const nextOffset = record.offset + record.bytes.length + (record.ended ? 1 : 0);
    end = nextOffset;
    // As from the log reader: lines that match, and one that may still match.
    if (grep && record.ended && !grep.test(record.bytes.toString('utf8'))) continue;
    await view.line({ ...record, service: 'web', atMs: 0, text: record.bytes.toString('utf8'), nextOffset });
  }
  for (let offset = Math.max(0, cut - overlap); offset < bytes.length; offset += chunkSize) {
    const chunk = { bytes: bytes.subarray(offset, offset + chunkSize), offset };
    const rest = bytesAfter(chunk, end);
    if (!rest) continue;
    const live = { bytes: rest, offset: offset + chunk.bytes.length - rest.length };
    await view.chunk({ ...live, type: 'output', service: 'web', stream: 'stdout', seq: 1, atMs: 0 });
  }
  await view.end();
  return written;
}

const log = fc.record({
  lines: fc.array(fc.stringMatching(/^[a-e ]{0,6}$/), { minLength: 1, maxLength: 8 }),
  cut: fc.nat(60),
  overlap: fc.nat(20),
  chunkSize: fc.integer({ min: 1, max: 9 }),
});

test('wherever the reading ends and the live output begins, the text is the same', async () => {
  await fc.assert(
    fc.asyncProperty(log, async ({ lines, cut, overlap, chunkSize }) => {
      const text = `${lines.join('\n')}\n`;
      expect(await show(text, Math.min(cut, text.length), overlap, chunkSize, { json: false, grep: null })).toBe(text);
    }),
  );
});

test('whole lines are matched against a pattern, even if one was cut', async () => {
  await fc.assert(
    fc.asyncProperty(log, async ({ lines, cut, overlap, chunkSize }) => {
      const text = `${lines.join('\n')}\n`;
      const expected = lines.filter((line) => /ab|^$/.test(line)).map((line) => `${line}\n`);
      expect(await show(text, Math.min(cut, text.length), overlap, chunkSize, { json: false, grep: /ab|^$/ })).toBe(expected.join(''));
    }),
  );
});

test('as JSON every line is one object with its place in the log', async () => {
  await fc.assert(
    fc.asyncProperty(log, async ({ lines, cut, overlap, chunkSize }) => {
      const text = `${lines.join('\n')}\n`;
      const shown = await show(text, Math.min(cut, text.length), overlap, chunkSize, { json: true, grep: null });
      const objects = shown
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { text: string; offset: number });
      expect(objects.map((one) => one.text)).toEqual(lines);
      for (const one of objects) expect(text.slice(one.offset, one.offset + one.text.length)).toBe(one.text);
    }),
  );
});
