import type { Failure } from '../../model/failure.ts';
import type { PlanRequest } from '../../model/plan.ts';
import type { Service } from '../../model/service.ts';
import { suggest } from '../../model/suggest.ts';
import { unknownName } from '../../model/unknown-service.ts';

/** Names in a start that the config does not declare. Failures: E002 for a service, E001 for a profile. */
export function unknownIn(request: PlanRequest, services: readonly Service[]): Failure | null {
  const known = services.map(({ name }) => name);
  return unknownName([...(request.services ?? []), ...request.with], known) ?? unknownProfile(request.profiles, services);
}

function unknownProfile(profiles: readonly string[], services: readonly Service[]): Failure | null {
  const known = services.flatMap((service) => service.profiles);
  const profile = profiles.find((candidate) => !known.includes(candidate));
  if (profile === undefined) return null;
  const meant = suggest(profile, known);
  const suggestion = meant === null ? null : `--profile ${meant}`;
  return { code: 'E001', kind: 'usage', message: `no service has the profile ${profile}`, suggestion, command: 'start' };
}
