/** D111: a document's table of ranges differs from the config's ranges. */
import type { RangeReference } from '../../model/drift.ts';
import type { Stack } from '../../model/service.ts';
import { normalName } from '../names.ts';
import { error, type Rule, warning } from './rule.ts';

export const documentRange: Rule = ({ references, contract: { stack } }) =>
  references.flatMap((one) => {
    if (one.kind !== 'range' || stack.ranges.length === 0) return [];
    const found = `${one.from}-${one.to}`;
    const meant = matchingRange(one, stack);
    if (meant ? isSame(meant, one) : stack.ranges.some((range) => isSame(range, one))) return [];
    if (!meant) return [warning('D111', `${found} is not a range of the config`, one.place, { found, fix: 'declare it, or remove it' })];
    const expected = `${meant.from}-${meant.to}`;
    const facts = { expected, found, fix: `write ${expected}`, replacement: expected };
    return [error('D111', `the range ${meant.category} is ${expected} in the config, ${found} here`, one.place, facts)];
  });

type Range = Stack['ranges'][number];

/** The only range whose purpose or category matches; null if none or several do. */
function matchingRange({ names }: RangeReference, { ranges }: Stack): Range | null {
  const normal = names.map((name) => normalName(name));
  const fitting = ranges.filter(
    ({ category, purpose }) => normal.includes(normalName(category)) || (purpose !== null && normal.includes(normalName(purpose))),
  );
  return fitting.length === 1 ? (fitting[0] as Range) : null;
}

function isSame(range: Range, { from, to }: RangeReference): boolean {
  return range.from === from && range.to === to;
}
