import type { Failure } from '../model/failure.ts';
import { suggest } from '../model/suggest.ts';

/** E002 for the first name that is no service. */
export function unknownName(names: readonly string[], services: readonly { readonly name: string }[]): Failure | null {
  const known = services.map((service) => service.name);
  const name = names.find((candidate) => !known.includes(candidate));
  return name === undefined ? null : { code: 'E002', kind: 'unknown-service', name, known, suggestion: suggest(name, known) };
}
