import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePort } from '../../../src/model/port.ts';
import { parsePortRange } from '../../../src/model/port-range.ts';

const port = fc.integer({ min: 1, max: 65535 });

test('a port is a range of one, with or without a colon', () => {
  fc.assert(
    fc.property(port, (number) => {
      expect(parsePortRange(`${number}`)).toEqual({ from: number, to: number });
      expect(parsePortRange(`:${number}`)).toEqual({ from: number, to: number });
    }),
  );
});

test('two ports are a range, in either order', () => {
  fc.assert(
    fc.property(port, port, (from, to) => {
      expect(parsePortRange(`${from}-${to}`)).toEqual(from <= to ? { from, to } : 'upside-down');
    }),
  );
});

test.each(['', '0', '65536', '99999', 'abc', '8000; rm', '8000-', '-8000', '1-2-3', '8000 - 8001', '80.5', '0x50', '1e3', '٨', '8000\n'])(
  '%j is no port',
  (text) => {
    expect(parsePortRange(text)).toBe('not-a-port');
  },
);

test('no text becomes a port outside 1–65535', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.stringMatching(/^[\d:-]{0,8}$/)), (text) => {
      const range = parsePortRange(text);
      if (typeof range === 'string') return;
      expect(range.from).toBeGreaterThanOrEqual(1);
      expect(range.to).toBeLessThanOrEqual(65535);
      expect(range.from).toBeLessThanOrEqual(range.to);
    }),
  );
});

test('a single port is digits only', () => {
  expect(parsePort('8000')).toBe(8000);
  for (const text of ['8000 ', ' 8000', '+8000', '8_000', '', '008000', '0', '65536']) expect(parsePort(text)).toBeNull();
});
