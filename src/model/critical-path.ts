/**
 * Which services a start really waited for: from the one that was ready last back along the dependency that was ready
 * last before each could begin. Their times add up to the whole; making any other service faster changes nothing.
 */
export interface StartTimes {
  /** When it was asked to start, had its turn (its dependencies held), and was ready; milliseconds of one clock. */
  readonly askedMs: number;
  readonly turnMs: number;
  readonly readyMs: number;
  readonly dependencies: readonly string[];
}

export interface CriticalStep {
  readonly service: string;
  /** From its turn until it was ready. */
  readonly ms: number;
}

/** In the order in which they ran; empty without services. */
export function criticalPath(times: ReadonlyMap<string, StartTimes>): readonly CriticalStep[] {
  const steps: CriticalStep[] = [];
  const seen = new Set<string>();
  let current = latest([...times.keys()], times);
  while (current !== null && !seen.has(current)) {
    seen.add(current);
    const own = times.get(current) as StartTimes;
    steps.unshift({ service: current, ms: own.readyMs - own.turnMs });
    // What was ready before anybody asked did not keep this one waiting.
    const waitedFor = own.dependencies.filter((name) => (times.get(name)?.readyMs ?? Number.NEGATIVE_INFINITY) > own.askedMs);
    current = latest(waitedFor, times);
  }
  return steps;
}

/** The step that took longest, when it is worth naming: more than a fifth of the whole. */
export function heaviest(steps: readonly CriticalStep[], wholeMs: number): CriticalStep | null {
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
