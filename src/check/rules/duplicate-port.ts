/** D101: two services of one compose file publish the same port. The service that has it in the config keeps it. */
import type { PortReference } from '../../model/drift.ts';
import type { Judged } from '../judge.ts';
import { error, type Rule } from './rule.ts';

export const duplicatePort: Rule = ({ judged }) => {
  const groups = new Map<string, Judged[]>();
  for (const one of judged.filter(publishes)) {
    const key = `${one.reference.place.file}:${one.reference.port}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const rightful = (group.find(isNamed) ?? group[0]) as Judged;
    return group
      .filter((one) => !isNamed(one) && serviceName(one.reference) !== serviceName(rightful.reference))
      .map(({ reference }) =>
        error(
          'D101',
          `${serviceName(reference)} publishes ${reference.port}, like ${serviceName(rightful.reference)} in the same file`,
          reference.place,
          { port: reference.port, found: String(reference.port), fix: `give ${serviceName(reference)} a port of its own` },
        ),
      );
  });
};

function publishes({ reference, judgement }: Judged): boolean {
  return reference.use === 'publish' && reference.loose !== true && reference.names.length > 0 && judgement.kind !== 'different';
}

function isNamed({ judgement }: Judged): boolean {
  return judgement.kind === 'agrees' && judgement.byName;
}

function serviceName({ names }: PortReference): string {
  return names[0] ?? '';
}
