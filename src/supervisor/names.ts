import type { Failure } from '../model/failure.ts';
import { suggest } from '../model/suggest.ts';

interface Named {
  readonly name: string;
}

/** E002 for the first name that is no service. */
export function unknownName(names: readonly string[], services: readonly Named[]): Failure | null {
  const name = names.find((candidate) => !services.some((service) => service.name === candidate));
  return name === undefined ? null : noSuchService(name, services);
}

/** E002. */
export function noSuchService(name: string, services: readonly Named[]): Failure {
  const known = services.map((service) => service.name);
  return { code: 'E002', kind: 'unknown-service', name, known, suggestion: suggest(name, known) };
}
