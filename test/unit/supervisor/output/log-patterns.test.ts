import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogPatterns } from '../../../../src/supervisor/output/log-patterns.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a line is found in any chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 8 }), (cuts) => {
      const text = bytes('erst\nläuft auf 🚀 Port 8000\nmehr');
      const patterns = new LogPatterns([{ source: '^läuft auf 🚀 Port \\d+$', flags: '' }]);
      const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      for (let i = 1; i < places.length; i++) patterns.read('stdout', text.slice(places[i - 1], places[i]));
      expect(patterns.found('^läuft auf 🚀 Port \\d+$', '')).toBe(true);
    }),
  );
});

test('stdout and stderr are separate texts', () => {
  const patterns = new LogPatterns([{ source: 'up and running', flags: '' }]);
  patterns.read('stdout', bytes('up and '));
  patterns.read('stderr', bytes('warning\n'));
  expect(patterns.found('up and running', '')).toBe(false);
  patterns.read('stdout', bytes('running'));
  expect(patterns.found('up and running', '')).toBe(true);
});

test('flags are respected, but g and y keep no position', () => {
  for (const flags of ['i', 'gi', 'iy']) {
    const patterns = new LogPatterns([{ source: 'ready', flags }]);
    patterns.read('stdout', bytes('READY\n'));
    expect(patterns.found('ready', flags)).toBe(true);
  }
});

test('colours do not hide a text', () => {
  const patterns = new LogPatterns([{ source: 'localhost:5000', flags: '' }]);
  patterns.read('stdout', bytes('  Local: http://localhost:\u001b[1m5000\u001b[22m/\n'));
  expect(patterns.found('localhost:5000', '')).toBe(true);
});

test('a pattern does not match across the end of a line', () => {
  const patterns = new LogPatterns([{ source: 'one[^]*two', flags: '' }]);
  patterns.read('stdout', bytes('one\ntwo\n'));
  expect(patterns.found('one[^]*two', '')).toBe(false);
});
