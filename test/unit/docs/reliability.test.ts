import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Test {
  readonly file: string;
  readonly title: string;
  readonly bare: string;
  readonly rows: readonly number[];
}

const root = join(import.meta.dirname, '..', '..', '..');
const { allTests, page, problems } = (await import(join(root, 'scripts', 'reliability.mjs'))) as {
  allTests(): readonly Test[];
  page(tests?: readonly Test[]): string;
  problems(tests?: readonly Test[]): readonly string[];
};

describe('the page on reliability', () => {
  test('has the names of the tests (if not: node scripts/reliability.mjs)', () => {
    expect(readFileSync(join(root, 'docs', 'reliability.md'), 'utf8')).toBe(page());
  });

  test('makes no promise without a test', () => {
    expect(problems()).toEqual([]);
  });

  test('fails without the tests that it names', () => {
    expect(problems([])).toContain('P2 is shown by no test');
    const without = allTests().filter(({ bare }) => bare !== 'an answer from another process is not readiness, nor is one of two ports');
    expect(problems(without)).toEqual([expect.stringMatching(/^P1 names a missing test: an answer/)]);
    expect(problems([...allTests(), { file: 'x', title: 'F99: x', bare: 'x', rows: [99] }])).toEqual([expect.stringContaining('F99')]);
  });
});
