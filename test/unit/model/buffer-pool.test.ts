import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hold, lend, owned, release } from '../../../src/model/buffer-pool.ts';

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

interface Lending {
  readonly bytes: Uint8Array;
  readonly byte: number;
  held: number;
}

test('lent bytes stay as they are until everybody has released them, however many are lent', () => {
  const step = fc.record({
    what: fc.constantFrom('lend', 'lend', 'hold', 'release'),
    length: fc.oneof(fc.nat(100), fc.integer({ min: 8 * 1024, max: 80 * 1024 })),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
      const lendings: Lending[] = [];
      steps.forEach(({ what, length, which }, i) => {
        const known = lendings[which % Math.max(1, lendings.length)];
        if (what === 'lend') lendings.push({ bytes: lend(filled(length, i % 256)), byte: i % 256, held: 1 });
        else if (known && what === 'hold') {
          hold(known.bytes);
          known.held++;
        } else if (known) {
          // A part stands for the whole.
          release(known.bytes.subarray(known.bytes.length >> 1, known.bytes.length));
          if (--known.held === 0) lendings.splice(lendings.indexOf(known), 1);
        }
        for (const { bytes, byte } of lendings) expect(bytes.every((one) => one === byte)).toBe(true);
      });
      for (const { bytes, held } of lendings) for (let i = 0; i < held; i++) release(bytes);
    }),
    { numRuns: 30 },
  );
});

test('a copy does not change with what it was made of, and whoever owns bytes keeps them', () => {
  for (const length of [10, 20_000]) {
    const read = filled(length, 1);
    const lent = lend(read);
    read.fill(2);
    expect(lent).toEqual(filled(length, 1));
    const mine = owned(lent);
    release(lent);
    const next = lend(filled(length, 3));
    expect(mine).toEqual(filled(length, 1));
    release(next);
  }
  const plain = filled(20_000, 1);
  expect(owned(plain)).toBe(plain);
});

test('the memory of released bytes is used again', () => {
  const first = lend(filled(64 * 1024, 1));
  release(first);
  const second = lend(filled(64 * 1024, 2));
  expect(second.buffer).toBe(first.buffer);
  release(second);
  expect(() => release(second)).toThrow(RangeError);
});
