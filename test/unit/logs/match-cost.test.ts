import { expect, test } from 'vitest';
import { matchCost } from '../../../src/logs/match-cost.ts';

const CHEAP = 5_000_000;

test.each([
  '(a+)+$',
  '(a|a)*$',
  '(a|aa)+$',
  '(.*)*x',
  '^(\\w+\\s?)*$',
  '(?:a{2,}){3}',
  '(?<n>(a)*)+',
  '([^"]*"?)*!',
  '.*.*.*.*.*.*.*x',
  '(\\d+)\\1\\1+x',
  'a?'.repeat(40) + 'a'.repeat(40),
  '(?:a|a)'.repeat(40),
  '((((a*))))*b',
  '[[](a+)+$',
  '[^[]*(a+)+$',
])('%s may need longer than anybody waits for forty characters', (source) => expect(matchCost(source)(40)).toBeGreaterThan(CHEAP));

test.each([
  'compiled in \\d+ ms',
  'ready|listening|started',
  'Local:\\s+https?://',
  '\\[nodemon\\] (starting|restarting)',
  '[*+?{(|]+',
  'a\\+\\*\\?\\(b',
  'ready( in [\\d.]+ms)?',
  '(?<!not )ready',
  '.*?',
])('%s costs little for a line', (source) => expect(matchCost(source)(120)).toBeLessThan(CHEAP));

test('a long text is too much for some', () => {
  expect(matchCost('\\s+$')(64 * 1024)).toBeGreaterThan(CHEAP);
  expect(matchCost('ready')(64 * 1024)).toBeLessThan(CHEAP);
});
