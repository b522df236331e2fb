import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Area } from '../../../src/render/area.ts';

/** Many line feeds; now and then longer than the area at first. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '\n'), maxLength: 50 }),
  fc.tuple(fc.constantFrom('\n', 'ab\n', `${'x'.repeat(99)}\n`, 'x'), fc.nat(30_000)).map(([piece, times]) => piece.repeat(times)),
);

test('holds the text put in, with the prefix behind each line feed', () => {
  const put = fc.record({ text, prefix: fc.constantFrom(null, '', 'web │ ', '-'.repeat(200)) });
  fc.assert(
    fc.property(fc.array(fc.array(put, { maxLength: 4 }), { minLength: 1, maxLength: 3 }), (rounds) => {
      const area = new Area();
      for (const puts of rounds) {
        area.clear();
        for (const one of puts) {
          if (one.prefix === null) area.put(Buffer.from(one.text));
          else area.putPrefixed(Buffer.from(one.text), Buffer.from(one.prefix));
        }
        const wanted = puts.map((one) => one.text.replaceAll('\n', `\n${one.prefix ?? ''}`)).join('');
        expect(Buffer.from(area.bytes).equals(Buffer.from(wanted))).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
