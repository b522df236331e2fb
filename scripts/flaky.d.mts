import type { Report, TestFailure } from './test-report.d.mts';

export const RUNS_ALONE: number;
export const MOST_FLAKY: number;
export function sortFailures(
  report: Report,
  runAlone: (failure: TestFailure) => Promise<Report | null>,
): Promise<{ readonly flaky: readonly TestFailure[]; readonly failed: readonly TestFailure[] }>;
export function argumentsFor(failure: TestFailure): readonly string[];
