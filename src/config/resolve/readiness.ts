/** The readiness of a service, or of what is reused in its place: tests with one timeout and one interval. */
import { parseDuration } from '../../model/duration.ts';
import type { Readiness, ReadinessInput, ReadinessTestInput, ReadinessTiming } from '../../model/service.ts';
import { asksServer, normalizeTest } from './tests.ts';

const readyTimeoutMs = 60_000;
const readyIntervalMs = 250;
const reuseTimeoutMs = 5000;

type TimedTest = ReadinessTestInput & ReadinessTiming;

export function testsOf(input: ReadinessInput | undefined): readonly TimedTest[] {
  if (input === undefined) return [];
  return Array.isArray(input) ? (input as readonly TimedTest[]) : [input as TimedTest];
}

/** One readiness has one timeout and one interval: a list may say them in any of its entries, and `semantics.ts` refuses two that differ. */
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

/** A log line or an exit cannot be asked of a server that already runs, and that somebody listens is known. */
export function reuseProof(readiness: Readiness, said: ReadinessInput | undefined): Readiness {
  return {
    ...readiness,
    tests: readiness.tests.filter(asksServer),
    timeoutMs: firstDuration(testsOf(said).map((test) => test.timeout)) ?? reuseTimeoutMs,
  };
}

function firstDuration(inputs: readonly (string | number | undefined)[]): number | null {
  const said = inputs.find((input) => input !== undefined);
  return said === undefined ? null : parseDuration(said);
}
