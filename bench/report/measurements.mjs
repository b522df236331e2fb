/**
 * Lookups that the bars make in a section's samples, `{ group: { case: { metric: samples[] } } }`. Null where something was not
 * measured.
 */
import { median } from '../rig/statistics.mjs';

export function measurementsOf(samples) {
  const of = (group, metric, name) => (samples[group]?.[name]?.[metric] ?? []).filter((value) => value !== null);
  const m = {
    groups: Object.keys(samples),
    median: (group, metric, name) => median(of(group, metric, name)),
    ratio: (group, metric, name, against) => m.over(m.median(group, metric, name), m.median(group, metric, against)),
    over: (a, b) => (a === null || b === null || b === 0 ? null : a / b),
    less: (a, b) => (a === null || b === null ? null : a - b),
    largest: (group, metric, name) => largest(of(group, metric, name)),
    /** The largest sample of a metric in all groups. */
    most: (metric, name) => largest(Object.keys(samples).flatMap((group) => of(group, metric, name))),
  };
  return m;
}

function largest(values) {
  return values.length === 0 ? null : Math.max(...values);
}

/** A bar with its figure: `{ what, unit, most | least, figure, reached }`; `reached` is null when it was not measured. */
export function judged({ figure: ask, unit = '×', ...bar }, samples) {
  const figure = ask(measurementsOf(samples));
  const reached = figure === null ? null : 'most' in bar ? figure <= bar.most : figure >= bar.least;
  return { ...bar, unit, figure, reached };
}
