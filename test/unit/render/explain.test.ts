import { describe, expect, test } from 'vitest';
import { MEANINGS } from '../../../src/check/words.ts';
import { DRIFT_EXPLAINED } from '../../../src/render/explain/drift.ts';
import { FAILURES_EXPLAINED } from '../../../src/render/explain/failures.ts';
import { explanation, explanations } from '../../../src/render/explain.ts';
import { FAILURE_CODES } from '../../../src/render/words.ts';

const BOTH = { code: 'E201', exitCode: 4, meaning: null, text: 'Nothing was started. See [onConflict](configuration.md#onconflict).' };

describe('an explanation', () => {
  test('has the code, the exit code, and the text without the addresses of links', () => {
    expect(explanation(BOTH, false)).toBe('E201  exit code 4\n\nNothing was started. See onConflict.\n');
  });

  test('begins with the meaning of the code if the text does not say it', () => {
    expect(explanation({ ...BOTH, meaning: 'A port is held' }, false)).toContain('\n\nA port is held. Nothing was started.');
  });

  test.each(Object.entries({ ...FAILURES_EXPLAINED, ...DRIFT_EXPLAINED }))('%s fits a terminal and loses no word', (code, text) => {
    const lines = explanation({ code, exitCode: 1, meaning: null, text }, false).split('\n').slice(2, -1);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(96);
    expect(lines.join(' ')).toBe(text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1'));
  });
});

test('the list has a line for every code, with its first sentence', () => {
  const all = FAILURE_CODES.map((code) => ({ code, exitCode: 1, meaning: null, text: FAILURES_EXPLAINED[code] }));
  const lines = explanations(all).trimEnd().split('\n');
  expect(lines.map((line) => line.slice(0, 4))).toEqual(['CODE', ...FAILURE_CODES]);
  expect(lines).toContain("E101      1   The service's own process ended");
});

test('the first sentence of the list is whole: a colon or dot in code or in brackets does not end it', () => {
  const listed = (text: string) =>
    explanations([{ code: 'E201', exitCode: 1, meaning: null, text }])
      .split('\n')[1]
      ?.slice('E201'.length)
      .replace(/^ +1 +/, '');
  expect(listed(FAILURES_EXPLAINED.E116)).toBe(
    "A process that devup did not start (`onConflict: 'reuse'`, or a service without a command) ended or gave up its port",
  );
  expect(listed(FAILURES_EXPLAINED.E203)).toBe(
    "`onConflict: 'reuse'` asks for proof that the running server is the right one, and the proof failed",
  );
  expect(listed('It ended: that is all. More.')).toBe('It ended');
  expect(listed('A file (see b. c) is `x: y. z`. More.')).toBe('A file (see b. c) is `x: y. z`');
  for (const code of FAILURE_CODES) expect((listed(FAILURES_EXPLAINED[code])?.split('`').length ?? 0) % 2, code).toBe(1);
});

test('every kind of drift is explained', () => {
  expect(Object.keys(DRIFT_EXPLAINED)).toEqual(Object.keys(MEANINGS));
});
