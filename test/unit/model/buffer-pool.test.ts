import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownCopy, releaseBuffer, retainBuffer, takeBuffer } from '../../../src/model/buffer-pool.ts';

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

interface Chunk {
  readonly bytes: Uint8Array;
  readonly byte: number;
  held: number;
}

test('pooled bytes stay unchanged until every reader has released them', () => {
  const step = fc.record({
    what: fc.constantFrom('take', 'take', 'hold', 'release'),
    length: fc.oneof(fc.nat(100), fc.integer({ min: 8 * 1024, max: 80 * 1024 })),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
      const chunks: Chunk[] = [];
      steps.forEach(({ what, length, which }, i) => {
        const known = chunks[which % Math.max(1, chunks.length)];
        if (what === 'take') chunks.push({ bytes: takeBuffer(filled(length, i % 256)), byte: i % 256, held: 1 });
        else if (known && what === 'hold') {
          retainBuffer(known.bytes);
          known.held++;
        } else if (known) {
          // One part stands for the whole buffer.
          releaseBuffer(known.bytes.subarray(known.bytes.length >> 1, known.bytes.length));
          if (--known.held === 0) chunks.splice(chunks.indexOf(known), 1);
        }
        for (const { bytes, byte } of chunks) expect(bytes.every((one) => one === byte)).toBe(true);
      });
      for (const { bytes, held } of chunks) for (let i = 0; i < held; i++) releaseBuffer(bytes);
    }),
    { numRuns: 30 },
  );
});

test('a copy does not change with its source, and owned bytes stay unchanged', () => {
  for (const length of [10, 20_000]) {
    const read = filled(length, 1);
    const taken = takeBuffer(read);
    read.fill(2);
    expect(taken).toEqual(filled(length, 1));
    const mine = ownCopy(taken);
    releaseBuffer(taken);
    const next = takeBuffer(filled(length, 3));
    expect(mine).toEqual(filled(length, 1));
    releaseBuffer(next);
  }
  const plain = filled(20_000, 1);
  expect(ownCopy(plain)).toBe(plain);
});

test('the memory of released bytes is reused', () => {
  const first = takeBuffer(filled(64 * 1024, 1));
  releaseBuffer(first);
  const second = takeBuffer(filled(64 * 1024, 2));
  expect(second.buffer).toBe(first.buffer);
  releaseBuffer(second);
  expect(() => releaseBuffer(second)).toThrow(RangeError);
});
