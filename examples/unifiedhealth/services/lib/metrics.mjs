/**
 * The metrics that Prometheus reads at /metrics: answers by route and status, their duration, and the memory of this process.
 */

export function startMetrics() {
  /** `method="GET",path="/auth/me"` → { seconds, answers, byStatus } */
  const routes = new Map();
  const began = Date.now() / 1000;

  function observe({ method, path, status, seconds }) {
    const labels = `method="${method}",path="${path}"`;
    const route = routes.get(labels) ?? { seconds: 0, answers: 0, byStatus: new Map() };
    routes.set(labels, route);
    route.seconds += seconds;
    route.answers += 1;
    route.byStatus.set(status, (route.byStatus.get(status) ?? 0) + 1);
  }

  function text() {
    const of = (line) => [...routes].flatMap(([labels, route]) => line(labels, route));
    const all = [
      ...family('http_requests_total', 'counter', 'Requests that were answered.'),
      ...of((labels, { byStatus }) => [...byStatus].map(([status, count]) => `http_requests_total{${labels},status="${status}"} ${count}`)),
      ...family('http_request_duration_seconds', 'summary', 'Time until the answer was written.'),
      ...of((labels, { seconds, answers }) => [
        `http_request_duration_seconds_sum{${labels}} ${seconds}`,
        `http_request_duration_seconds_count{${labels}} ${answers}`,
      ]),
      ...family('process_resident_memory_bytes', 'gauge', 'Resident memory.'),
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      ...family('process_start_time_seconds', 'gauge', 'Start of the process, in seconds since 1970.'),
      `process_start_time_seconds ${began}`,
    ];
    return `${all.join('\n')}\n`;
  }

  return { observe, text };
}

function family(name, type, help) {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
