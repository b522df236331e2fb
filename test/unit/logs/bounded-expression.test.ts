import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { BoundedExpression } from '../../../src/logs/bounded-expression.ts';
import { systemClock } from '../../../src/machine/clock.ts';

const EVIL = `${'a'.repeat(60)}!`;
const patient = (ms: number, signal: AbortSignal) => systemClock.sleep(ms, signal);
const made: BoundedExpression[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((one) => one.close()));
});

function expressionOf(source: string, sleep: (ms: number, signal: AbortSignal) => Promise<void> = patient, flags = ''): BoundedExpression {
  const expression = new BoundedExpression({ source, flags }, sleep);
  made.push(expression);
  return expression;
}

/** The first line that waits has no time left; the others have as much as they want. */
function onlyFirstIsLate(): (ms: number, signal: AbortSignal) => Promise<void> {
  let calls = 0;
  return (_, signal) =>
    calls++ === 0
      ? Promise.resolve()
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

test('a thread gives the answers of the expression itself', async () => {
  const expression = expressionOf('^(?:a|ab)+$', patient, 'gi');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom('a', 'B', 'c'), maxLength: 12 }), { maxLength: 20 }), async (lines) => {
      expect(await expression.test(lines)).toEqual(lines.map((line) => /^(?:a|ab)+$/i.test(line)));
    }),
    { numRuns: 20 },
  );
});

test('a line that takes too long is left out, and those after it are tested', async () => {
  const expression = expressionOf('^(a+)+$', onlyFirstIsLate());
  expect(await expression.test([EVIL, 'aaa', 'b'])).toEqual([null, true, false]);
  expect(expression.hasOverrun).toBe(true);
  expect(expression.isGivenUp).toBe(false);
});

test('an expression is given up after three such lines', async () => {
  const expression = expressionOf('(a+)+$', () => Promise.resolve());
  expect(await expression.test([EVIL, EVIL, EVIL, EVIL, EVIL])).toEqual([null, null, null, null, null]);
  expect(expression.isGivenUp).toBe(true);
});

test('a test in progress ends when the expression is closed', async () => {
  const expression = expressionOf(
    '(a+)+$',
    (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  const tested = expression.test([EVIL]);
  await expression.close();
  expect(await tested).toEqual([null]);
});

test('an expression that V8 finds too large at its first use matches nothing', async () => {
  for (const source of ['a{60000}'.repeat(50), '(?:a{1000}){1000}']) {
    const results = await expressionOf(source, onlyFirstIsLate()).test(['a'.repeat(50)]);
    expect(results).not.toContain(true);
  }
});
