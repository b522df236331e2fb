/**
 * D109: compose files, manifests or a document list most of the services, but lack one. A file with only some of them (the databases,
 * for example) need not list all.
 */
import type { ListingReference } from '../../model/drift.ts';
import { mainPort, type Service } from '../../model/service.ts';
import { parent } from '../contract.ts';
import { type Facts, type Rule, warning } from './rule.ts';

export const missingService: Rule = (facts) => {
  const { contract, references } = facts;
  const groups = new Map<string, ListingReference[]>();
  for (const one of references) {
    if (one.kind !== 'listing') continue;
    const key = `${one.of} ${one.of === 'kubernetes' ? '' : one.of === 'compose' ? parent(one.place.file) : one.place.file}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const expected = contract.stack.services.filter((service) => mainPort(service) !== null);
  return [...groups.values()].flatMap((listings) => {
    const listed = new Set(listings.flatMap((listing) => servicesIn(listing, facts)));
    const known = expected.filter((service) => listed.has(service));
    if (known.length < 2 || known.length * 2 < expected.length) return [];
    const [first] = listings as [ListingReference];
    return expected
      .filter((service) => !listed.has(service))
      .map((service) =>
        warning('D109', `${service.name} (${mainPort(service)}) is missing from ${WHERE[first.of]}`, first.place, {
          service: service.name,
          port: mainPort(service),
          expected: service.name,
          fix: 'add it',
        }),
      );
  });
};

const WHERE: Readonly<Record<ListingReference['of'], string>> = {
  compose: 'the compose files',
  kubernetes: 'the Kubernetes manifests',
  document: 'the tables of the document',
  prometheus: 'the scrape configs',
};

/** The listed services, identified by name or by the port beside the name. */
function servicesIn({ entries, place }: ListingReference, { contract, judged }: Facts): readonly Service[] {
  return entries.flatMap((entry) => {
    const named = contract.named([entry.name]);
    if (named) return [named];
    const beside = judged.filter(({ reference }) => reference.place.file === place.file && reference.names[0] === entry.name);
    return beside.flatMap(({ judgement }) =>
      judgement.kind === 'agrees' || judgement.kind === 'different' ? (judgement.service ?? []) : [],
    );
  });
}
