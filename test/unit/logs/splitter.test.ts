import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LinePiece, Splitter } from '../../../src/logs/splitter.ts';

const bytes = fc.array(fc.constantFrom(10, 10, 13, 65, 66, 0xff), { maxLength: 60 }).map((list) => Buffer.from(list));

function split(input: Buffer, cap: number, cuts: readonly number[] = []): LinePiece[] {
  const splitter = new Splitter(cap);
  const records: LinePiece[] = [];
  let at = 0;
  for (const cut of [...cuts.map((cut) => cut % (input.length + 1)), input.length].sort((a, b) => a - b)) {
    records.push(...splitter.push(input.subarray(at, cut)));
    at = cut;
  }
  return [...records, ...splitter.end()];
}

function shown(records: readonly LinePiece[]): unknown[] {
  return records.map((record) => ({ ...record, bytes: record.bytes.toString('latin1') }));
}

describe('lines out of chunks', () => {
  test('any chunks give the same records', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(100), { maxLength: 10 }), (input, cap, cuts) => {
        expect(shown(split(input, cap, cuts))).toEqual(shown(split(input, cap)));
      }),
    );
  });

  test('records joined with their line feeds are the input, none is over the cap, offsets are true', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (input, cap) => {
        const records = split(input, cap);
        expect(Buffer.concat(records.flatMap((record) => (record.ended ? [record.bytes, Buffer.from('\n')] : [record.bytes])))).toEqual(
          input,
        );
        for (const record of records) {
          expect(record.bytes.length).toBeLessThanOrEqual(cap);
          expect(input.subarray(record.offset, record.offset + record.bytes.length)).toEqual(record.bytes);
        }
      }),
    );
  });

  test('a line of exactly the cap is whole; a longer one comes in marked parts', () => {
    expect(shown(split(Buffer.from('abcd\nefghi\n'), 4))).toEqual([
      { bytes: 'abcd', offset: 0, continued: false, ended: true },
      { bytes: 'efgh', offset: 5, continued: false, ended: false },
      { bytes: 'i', offset: 9, continued: true, ended: true },
    ]);
  });
});
