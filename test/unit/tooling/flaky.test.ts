import { expect, test } from 'vitest';
import { argumentsFor, MOST_FLAKY, RUNS_ALONE, sortFailures } from '../../../scripts/flaky.mjs';
import type { Report } from '../../../scripts/test-report.mjs';

const FAILURE = { file: '/repo/test/a.test.ts', name: 'a (b) costs $5 [c] > d', message: 'expected 1 to be 2' };
const report = (part: Partial<Report>): Report => ({ passed: 0, skipped: [], failures: [], outside: [], ...part });
const passes = report({ passed: 1 });

async function sorted(failed: Partial<Report>, reports: readonly (Report | null)[]) {
  let runs = 0;
  const result = await sortFailures(report(failed), async () => reports[runs++] ?? null);
  return { flaky: result.flaky.length, failed: result.failed.length, runs };
}

test('a test that passes three times alone is flaky', async () => {
  expect(RUNS_ALONE).toBe(3);
  expect(await sorted({ failures: [FAILURE] }, [passes, passes, passes])).toEqual({ flaky: 1, failed: 0, runs: 3 });
});

test.each([
  ['fails once', report({ failures: [FAILURE] })],
  ['leaves something behind', report({ passed: 1, outside: ['left over by the tests: port 8000 is held'] })],
  ['is not found', report({})],
  ['gives no result', null],
])('a test that %s when run alone has failed', async (_, last) => {
  expect(await sorted({ failures: [FAILURE] }, [passes, passes, last])).toEqual({ flaky: 0, failed: 1, runs: 3 });
});

test('several failures are judged separately', async () => {
  const failures = [FAILURE, { ...FAILURE, name: 'b' }];
  expect(await sorted({ failures }, [report({ failures: [FAILURE] }), passes, passes, passes])).toEqual({ flaky: 1, failed: 1, runs: 4 });
});

test('nothing is run again after a failure outside a test, or if many tests fail', async () => {
  expect(await sorted({ failures: [FAILURE], outside: ['a file that does not load'] }, [passes, passes, passes])).toEqual({
    flaky: 0,
    failed: 1,
    runs: 0,
  });
  const failures = Array.from({ length: MOST_FLAKY + 1 }, () => FAILURE);
  expect(await sorted({ failures }, [])).toEqual({ flaky: 0, failed: MOST_FLAKY + 1, runs: 0 });
});

test('a test is chosen by its file and its whole name', () => {
  const [file, flag, pattern = ''] = argumentsFor(FAILURE);
  expect([file, flag]).toEqual([FAILURE.file, '--testNamePattern']);
  expect(FAILURE.name).toMatch(new RegExp(pattern));
  expect(`${FAILURE.name} as well`).not.toMatch(new RegExp(pattern));
});
