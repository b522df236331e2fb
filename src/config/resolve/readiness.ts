/** Readiness of a service, or of the process that it reuses: tests with one timeout and one interval. */
import { parseDuration } from '../../model/duration.ts';
import type { Readiness, ReadinessInput, ReadinessTestInput, ReadinessTiming } from '../../model/service.ts';
import { normalizeTest, testsRunningServer } from './tests.ts';

const readyTimeoutMs = 60_000;
const readyIntervalMs = 250;
const reuseTimeoutMs = 5000;

type TimedTest = ReadinessTestInput & ReadinessTiming;

export function testsOf(input: ReadinessInput | undefined): readonly TimedTest[] {
  if (input === undefined) return [];
  return Array.isArray(input) ? (input as readonly TimedTest[]) : [input as TimedTest];
}

/** Any test of a list may set the timeout and interval for all of them; `semantics.ts` rejects values that differ. */
export function normalizeReadiness(input: ReadinessInput | undefined, base: string | null): Readiness {
  const list = testsOf(input);
  const tests = list.map((test) => normalizeTest(test, base));
  const isTask = tests.some((test) => test.kind === 'exit');
  return {
    tests,
    timeoutMs: firstDuration(list.map((test) => test.timeout)) ?? (isTask ? null : readyTimeoutMs),
    intervalMs: firstDuration(list.map((test) => test.interval)) ?? readyIntervalMs,
  };
}

/** Keeps the tests that a running server can answer. The port test is dropped: the port is known to be held. */
export function toReuseProof(readiness: Readiness, input: ReadinessInput | undefined): Readiness {
  return {
    ...readiness,
    tests: readiness.tests.filter(testsRunningServer),
    timeoutMs: firstDuration(testsOf(input).map((test) => test.timeout)) ?? reuseTimeoutMs,
  };
}

function firstDuration(inputs: readonly (string | number | undefined)[]): number | null {
  const first = inputs.find((input) => input !== undefined);
  return first === undefined ? null : parseDuration(first);
}
