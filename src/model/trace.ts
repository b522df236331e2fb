/** A timeline of a start, in the format that chrome://tracing and Perfetto read ("Trace Event Format", complete events). */
export class Trace {
  readonly #events: { name: string; lane: string; fromMs: number; toMs: number }[] = [];

  /** Times are milliseconds of one clock; `lane` is a service, or '' for the whole. */
  span(lane: string, name: string, fromMs: number, toMs: number): void {
    this.#events.push({ name, lane, fromMs, toMs });
  }

  /** `originMs`: the time at which the trace begins. */
  toJson(pid: number, originMs: number): string {
    const lanes = [...new Set(this.#events.map((event) => event.lane))];
    const named = lanes.map((lane, tid) => ({ ph: 'M', name: 'thread_name', pid, tid, args: { name: lane === '' ? 'devup' : lane } }));
    const spans = this.#events.map(({ name, lane, fromMs, toMs }) => ({
      ph: 'X',
      name,
      cat: lane === '' ? 'devup' : 'service',
      pid,
      tid: lanes.indexOf(lane),
      ts: Math.round((fromMs - originMs) * 1000),
      dur: Math.max(0, Math.round((toMs - fromMs) * 1000)),
    }));
    return `${JSON.stringify({ traceEvents: [...named, ...spans], displayTimeUnit: 'ms' })}\n`;
  }
}
