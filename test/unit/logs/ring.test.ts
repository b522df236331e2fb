import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from '../../../src/logs/ring.ts';

test('the ring keeps the last bytes of any chunks', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 20_000 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), fc.integer({ min: 1, max: 9000 }), (chunks, max) => {
      const ring = new Ring(max);
      for (const chunk of chunks) ring.push(Buffer.from(chunk));
      const whole = chunks.join('');
      const lines = whole.slice(-max).split('\n');
      if (lines.at(-1) === '') lines.pop();
      if (whole.length > max && lines.length > 1) lines.shift();
      expect(ring.lastLines(Number.POSITIVE_INFINITY)).toEqual(lines);
    }),
    { numRuns: 60 },
  );
});

test('only the requested number of lines, without colours, with visible control characters and replaced broken UTF-8', () => {
  const ring = new Ring(1000);
  ring.push(Buffer.from('one\n\x1b[31mtwo\x1b[0m\x1b]0;t\x07\n'));
  ring.push(Buffer.from([0x74, 0xff, 0x0a]));
  expect(ring.lastLines(2)).toEqual(['two^[]0;t^G', 't\ufffd']);
  expect(ring.lastLines(0)).toEqual([]);
});
