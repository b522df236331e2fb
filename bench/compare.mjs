/** `node bench/compare.mjs before.json after.json`: the bars of two results side by side, and how each figure moved. */
import { readFileSync } from 'node:fs';

const [before, after] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
if (!before || !after) {
  console.error('usage: node bench/compare.mjs <before.json> <after.json>');
  process.exit(2);
}
const figures = new Map(barsOf(before).map((bar) => [bar.what, bar.figure]));
for (const { what, unit, figure, reached } of barsOf(after)) {
  const was = figures.get(what) ?? null;
  const moved = was && figure !== null ? `${figure > was ? '+' : ''}${(((figure - was) / was) * 100).toFixed(0)} %` : '';
  const verdict = reached === null ? 'not measured' : reached ? 'reached' : 'missed';
  console.log([shown(was, unit).padStart(12), shown(figure, unit).padStart(12), moved.padStart(8), verdict.padEnd(12), what].join('  '));
}

function barsOf({ sections }) {
  return sections.flatMap(({ bars }) => bars);
}

function shown(figure, unit) {
  return figure === null ? '–' : `${figure.toFixed(2)} ${unit}`;
}
