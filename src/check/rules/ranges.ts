/** D106 and D107, about the config alone: a port outside its category's range, in another category's, or in none. */
import { nextUndeclaredPort } from '../../model/allocation.ts';
import type { Finding } from '../../model/drift.ts';
import type { Service, Stack } from '../../model/service.ts';
import { error, type Rule, warning } from './rule.ts';

export const ranges: Rule = ({ contract: { stack } }) =>
  stack.ranges.length === 0
    ? []
    : stack.services.flatMap((service) => (service.ports[0] ? checkPort(service, service.ports[0].port, stack) : []));

type Range = Stack['ranges'][number];

/** Checks only the main port: a debugger's port follows its tool's conventions. */
function checkPort(service: Service, port: number, stack: Stack): readonly Finding[] {
  const own = stack.ranges.find(({ category }) => category === service.category);
  const inside = stack.ranges.filter(({ from, to }) => from <= port && port <= to);
  const [first] = inside;
  if (own ? inside.includes(own) : first && service.category === null) return [];
  const next = own ? nextUndeclaredPort(own, stack) : null;
  const advice = own
    ? next === null
      ? `${describeRange(own)} is full: widen it`
      : `${next} is the next free port of ${describeRange(own)}`
    : null;
  const facts = { service: service.name, port, expected: own ? `${own.from}-${own.to}` : null, found: String(port), fix: advice };
  if (own && first)
    return [error('D106', `${service.name} is on ${port}, in ${describeRange(first)}, but belongs to ${describeRange(own)}`, null, facts)];
  if (own) return [error('D107', `${service.name} is on ${port}, in no range, but belongs to ${describeRange(own)}`, null, facts)];
  if (first)
    return [
      warning(
        'D106',
        `${service.name} is on ${port}, in ${describeRange(first)}, but its category ${service.category} has no range`,
        null,
        {
          ...facts,
          fix: `declare a range for the category ${service.category}`,
        },
      ),
    ];
  const fix = service.category === null ? 'give it a category, or widen a range' : `declare a range for the category ${service.category}`;
  return [warning('D107', `${service.name} is on ${port}, in no range`, null, { ...facts, fix })];
}

function describeRange({ category, from, to }: Range): string {
  return `the range ${category} (${from}-${to})`;
}
