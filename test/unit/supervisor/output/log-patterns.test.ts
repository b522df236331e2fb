import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogPatterns } from '../../../../src/supervisor/output/log-patterns.ts';
import { eventually } from '../../../rig/eventually.ts';

/** Ends only when it is aborted: on a busy machine a thread needs its time. */
const sleep = (_: number, signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
const bytes = (text: string) => new TextEncoder().encode(text);

test('a line is found in any chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 8 }), (cuts) => {
      const text = bytes('erst\nläuft auf 🚀 Port 8000\nmehr');
      const patterns = new LogPatterns([{ source: '^läuft auf 🚀 Port \\d+$', flags: '' }], sleep);
      const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      for (let i = 1; i < places.length; i++) patterns.read('stdout', text.slice(places[i - 1], places[i]));
      expect(patterns.found('^läuft auf 🚀 Port \\d+$', '')).toBe(true);
    }),
  );
});

test('stdout and stderr are separate texts', () => {
  const patterns = new LogPatterns([{ source: 'up and running', flags: '' }], sleep);
  patterns.read('stdout', bytes('up and '));
  patterns.read('stderr', bytes('warning\n'));
  expect(patterns.found('up and running', '')).toBe(false);
  patterns.read('stdout', bytes('running'));
  expect(patterns.found('up and running', '')).toBe(true);
});

test('flags are respected, but g and y keep no position', () => {
  for (const flags of ['i', 'gi', 'iy']) {
    const patterns = new LogPatterns([{ source: 'ready', flags }], sleep);
    patterns.read('stdout', bytes('READY\n'));
    expect(patterns.found('ready', flags)).toBe(true);
  }
});

test('colours do not hide a text', () => {
  const patterns = new LogPatterns([{ source: 'localhost:5000', flags: '' }], sleep);
  patterns.read('stdout', bytes('  Local: http://localhost:\u001b[1m5000\u001b[22m/\n'));
  expect(patterns.found('localhost:5000', '')).toBe(true);
});

test('a pattern does not match across the end of a line', () => {
  const patterns = new LogPatterns([{ source: 'one[^]*two', flags: '' }], sleep);
  patterns.read('stdout', bytes('one\ntwo\n'));
  expect(patterns.found('one[^]*two', '')).toBe(false);
});

test('a pattern that takes forever for a line freezes nothing, and matches a later one', async () => {
  let calls = 0;
  const impatientOnce = (_: number, signal: AbortSignal) =>
    calls++ === 0 ? Promise.resolve() : new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const patterns = new LogPatterns([{ source: '^(a+)+$', flags: '' }], impatientOnce);
  patterns.read('stdout', bytes(`${'a'.repeat(60)}!\n`));
  await eventually('the line to be left out', () => patterns.found('^(a+)+$', '') === 'endless');
  patterns.read('stdout', bytes('aaa\n'));
  await eventually('the next line to be found', () => patterns.found('^(a+)+$', '') === true);
  await patterns.close();
});

test('lines that were read before the output ended are still searched', async () => {
  const patterns = new LogPatterns([{ source: '^(a+)+$', flags: '' }], sleep);
  patterns.read('stdout', bytes('aaa\n'));
  patterns.end();
  await eventually('the line to be found', () => patterns.found('^(a+)+$', '') === true);
});
