/**
 * The critical path of a start. It begins at the service that became ready last, and goes back from each service to the dependency that
 * became ready last before it could begin. The steps add up to the whole; making another service faster gains nothing.
 */
export interface StartTimes {
  /** When the start was requested, when the dependencies held, and when the service was ready; milliseconds of one clock. */
  readonly requestedMs: number;
  readonly beganMs: number;
  readonly readyMs: number;
  readonly dependencies: readonly string[];
}

export interface CriticalStep {
  readonly service: string;
  /** From the time its dependencies held until it was ready. */
  readonly ms: number;
}

/** The steps in the order in which they ran; empty without services. */
export function criticalPath(times: ReadonlyMap<string, StartTimes>): readonly CriticalStep[] {
  const steps: CriticalStep[] = [];
  const seen = new Set<string>();
  let current = latest([...times.keys()], times);
  while (current !== null && !seen.has(current)) {
    seen.add(current);
    const own = times.get(current) as StartTimes;
    steps.unshift({ service: current, ms: own.readyMs - own.beganMs });
    // A dependency that was ready before the request did not delay this service.
    const waitedFor = own.dependencies.filter((name) => (times.get(name)?.readyMs ?? Number.NEGATIVE_INFINITY) > own.requestedMs);
    current = latest(waitedFor, times);
  }
  return steps;
}

/** The longest step, if it took more than a fifth of the whole; otherwise null. */
export function dominantStep(steps: readonly CriticalStep[], wholeMs: number): CriticalStep | null {
  const longest = steps.reduce<CriticalStep | null>((most, step) => (most === null || step.ms > most.ms ? step : most), null);
  return longest && steps.length > 1 && longest.ms > wholeMs / 5 ? longest : null;
}

function latest(names: readonly string[], times: ReadonlyMap<string, StartTimes>): string | null {
  let last: string | null = null;
  for (const name of names) {
    const { readyMs } = times.get(name) ?? { readyMs: Number.NEGATIVE_INFINITY };
    if (last === null || readyMs > (times.get(last)?.readyMs ?? Number.NEGATIVE_INFINITY)) last = name;
  }
  return last;
}
