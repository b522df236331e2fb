import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { BoundedExpression } from '../../../src/logs/bounded-expression.ts';

const EVIL = `${'a'.repeat(60)}!`;
/** Ends only when it is aborted: on a busy machine a thread needs its time. */
const patient = (_: number, signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
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
  return (ms, signal) => (calls++ === 0 ? Promise.resolve() : patient(ms, signal));
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
  const expression = expressionOf('(a+)+$');
  const tested = expression.test([EVIL]);
  await expression.close();
  expect(await tested).toEqual([null]);
});

test('an expression that V8 finds too large at its first use matches nothing', async () => {
  const expression = expressionOf('(a)'.repeat(20_000));
  expect(await expression.test(['a'.repeat(50)])).toEqual([false]);
  expect(expression.hasOverrun).toBe(true);
});

test('without a free thread nothing is tested, and nothing is held against the expression', async () => {
  class NoThread {
    constructor() {
      throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
    }
  }
  const getBuiltinModule = process.getBuiltinModule.bind(process);
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:worker_threads' ? { Worker: NoThread } : getBuiltinModule(name)) as typeof process.getBuiltinModule);
  const expression = expressionOf('(a+)+$');
  expect(await expression.test([EVIL, EVIL, EVIL, EVIL])).toEqual([null, null, null, null]);
  expect(expression.hasOverrun).toBe(false);
});
