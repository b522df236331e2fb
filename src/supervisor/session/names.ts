import type { Failure } from '../../model/failure.ts';
import type { PlanRequest } from '../../model/plan.ts';
import type { Service } from '../../model/service.ts';
import { suggest } from '../../model/suggest.ts';

interface Named {
  readonly name: string;
}

/** E002 for the first name that is no service. */
export function unknownName(names: readonly string[], services: readonly Named[]): Failure | null {
  const name = names.find((candidate) => !services.some((service) => service.name === candidate));
  return name === undefined ? null : noSuchService(name, services);
}

/** What a start names that the config does not have: E002 for a service, E001 for a profile. */
export function unknownIn(request: PlanRequest, services: readonly Service[]): Failure | null {
  return unknownName([...(request.services ?? []), ...request.with], services) ?? unknownProfile(request.profiles, services);
}

function unknownProfile(profiles: readonly string[], services: readonly Service[]): Failure | null {
  const known = services.flatMap((service) => service.profiles);
  const profile = profiles.find((candidate) => !known.includes(candidate));
  if (profile === undefined) return null;
  const meant = suggest(profile, known);
  const suggestion = meant === null ? null : `--profile ${meant}`;
  return { code: 'E001', kind: 'usage', message: `no service has the profile ${profile}`, suggestion, command: 'start' };
}

/** E002. */
export function noSuchService(name: string, services: readonly Named[]): Failure {
  const known = services.map((service) => service.name);
  return { code: 'E002', kind: 'unknown-service', name, known, suggestion: suggest(name, known) };
}
