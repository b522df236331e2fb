/** The outcome of a run of tests. */
export interface Report {
  readonly passed: number;
  readonly skipped: readonly string[];
  readonly failures: readonly TestFailure[];
  /** Failures outside a test. */
  readonly outside: readonly string[];
}
export interface TestFailure {
  readonly file: string;
  readonly name: string;
  readonly message: string;
}
export const REPORT_VARIABLE: string;
