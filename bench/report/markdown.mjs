/** A result as tables for people: every bar with its verdict first, then what each section measured. */
import { median } from '../rig/statistics.mjs';

const UNITS = { Ms: ' ms', MiB: ' MiB', Percent: ' %', Bytes: ' bytes', Lines: ' lines' };
const VERDICTS = new Map([
  [true, 'reached'],
  [false, '**missed**'],
  [null, 'not measured'],
]);

export function markdown({ at, quick, machine, versions, sections }) {
  const kind = quick ? 'a quick run (few rounds, smaller sizes)' : 'a full run';
  return [
    `From ${kind} of \`npm run bench\` on ${at.slice(0, 10)}.`,
    `${machine.cpu} (${machine.cores} cores), ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}. Load average ${load(machine.loadBefore)} before and ${load(machine.loadAfter)} after; its own part of that included.`,
    `Peers: ${Object.entries(versions)
      .map(([name, version]) => (version === name || String(version).startsWith('/') ? name : `${name} ${version}`))
      .join(', ')}.`,
    '### The bars',
    barTable(sections.flatMap(({ bars }) => bars)),
    ...sections.flatMap(sectionTables),
  ].join('\n\n');
}

function barTable(bars) {
  const rows = bars.map(({ what, unit, most, least, figure, reached }) => [
    what,
    most === undefined ? `≥ ${quantity(least, unit)}` : `≤ ${quantity(most, unit)}`,
    figure === null ? '–' : quantity(figure, unit),
    VERDICTS.get(reached),
  ]);
  return table(['bar', 'asked', 'measured', 'verdict'], rows);
}

function sectionTables({ title, loadBefore, problem, samples }) {
  if (problem) return [`### ${title}`, `Not measured: ${problem}`];
  const groups = Object.entries(samples).map(([group, cases]) => groupTable(group, cases));
  return [
    `### ${title}`,
    `Medians; "best" is the smallest sample of the first column, the ratio that of its medians to the first row. Load average at the beginning: ${loadBefore.toFixed(1)}.`,
    ...groups,
  ];
}

function groupTable(group, cases) {
  const metrics = [...new Set(Object.values(cases).flatMap((measured) => Object.keys(measured)))].filter((metric) => metric !== 'code');
  const [first] = metrics;
  const reference = median(Object.values(cases)[0]?.[first] ?? []);
  if (Object.keys(cases).length === 1)
    return table(
      [group, ...metrics].map(heading),
      Object.entries(cases).map(([name, measured]) => [name, ...metrics.map((metric) => cell(median(measured[metric] ?? [])))]),
    );
  const rows = Object.entries(cases).map(([name, measured]) => {
    const middle = median(measured[first] ?? []);
    const ratio = middle === null || !reference ? '–' : `${plain(middle / reference)} ×`;
    const best = Math.min(...(measured[first] ?? []).filter((value) => value !== null));
    const rest = metrics.slice(1).map((metric) => cell(median(measured[metric] ?? [])));
    return [name.replaceAll('|', '\\|'), cell(middle), cell(Number.isFinite(best) ? best : null), ratio, ...rest];
  });
  return table([group, first, 'best', 'ratio', ...metrics.slice(1)].map(heading), rows);
}

function table(head, rows) {
  return [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `readyMs` → `ready ms`, `tornLines` → `torn lines`. */
function heading(metric) {
  const unit = Object.keys(UNITS).find((ending) => metric.endsWith(ending));
  return unit ? `${metric.slice(0, -unit.length)}${UNITS[unit]}` : metric;
}

function cell(value) {
  return value === null ? '–' : plain(value);
}

function quantity(value, unit) {
  return [plain(value), unit].filter(Boolean).join(' ');
}

function plain(value) {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function load(averages) {
  return averages.map((average) => average.toFixed(1)).join(' / ');
}
