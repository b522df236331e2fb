/**
 * A test that failed in a whole run is run again by itself, three times. If it passes each time, it is flaky: the run stays
 * green, and names the test with its message. A failure outside a test is never run again.
 */
export const RUNS_ALONE = 3;
/** This many failures are no accident of timing. */
export const MOST_FLAKY = 10;

/**
 * Sorts the failures of a run. `runAlone(failure)` runs one test by itself and returns its report (see test-report.mjs), or
 * null when it left none.
 */
export async function sortFailures({ failures, outside }, runAlone) {
  const hopeless = outside.length > 0 || failures.length > MOST_FLAKY;
  const flaky = [];
  const failed = [];
  for (const failure of failures) {
    if (hopeless || !(await passesAlone(failure, runAlone))) failed.push(failure);
    else flaky.push(failure);
  }
  return { flaky, failed };
}

async function passesAlone(failure, runAlone) {
  for (let run = 0; run < RUNS_ALONE; run++) {
    const report = await runAlone(failure);
    if (!report || report.passed === 0 || report.failures.length + report.outside.length > 0) return false;
  }
  return true;
}

/** vitest's arguments for that test and no other. */
export function argumentsFor({ file, name }) {
  return [file, '--testNamePattern', `^${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`];
}
