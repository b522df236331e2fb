/** D102, and D111 in a document's table: a file that names a service has another port. */
import type { Finding } from '../../model/drift.ts';
import { type Judged, meantPort } from '../judge.ts';
import { error, type Rule, warning } from './rule.ts';

export const differentPort: Rule = ({ judged }) => judged.flatMap(({ reference, judgement }) => findingsFor({ reference, judgement }));

function findingsFor({ reference, judgement }: Judged): readonly Finding[] {
  if (judgement.kind !== 'different') return [];
  const { service, right, sure, further } = judgement;
  const finding = sure ? error : warning;
  const { port, place, text, names, use } = reference;
  const expected = further ? null : meantPort(port, right);
  const name = service?.name ?? names[0] ?? 'the container';
  const isDocument = use === 'table';
  const declared = right.length === 0 ? 'has no port' : `is ${right.join(' or ')}`;
  const where = service ? 'in the config' : 'in this file';
  return [
    finding(isDocument ? 'D111' : 'D102', `${name} ${declared} ${where}, ${port} here: ${oneLine(text)}`, place, {
      service: service?.name ?? null,
      port: expected,
      expected: right.length === 0 ? null : right.join(' or '),
      found: String(port),
      fix: further
        ? `declare ${port} as another port of ${name}, or remove it`
        : expected === null
          ? null
          : `write ${expected}${sure ? '' : ', unless this is intended'}`,
      replacement: expected === null || !sure ? null : String(expected),
    }),
  ];
}

export function oneLine(text: string): string {
  // Cut first, so that a line of a megabyte is not processed whole.
  const line = text.slice(0, 1000).replaceAll(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
