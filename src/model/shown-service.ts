/** The facts shown of each service while a plan starts. */
import type { Plan } from './plan.ts';
import { mainPort, type Service, serviceUrl } from './service.ts';

export interface ShownService {
  readonly name: string;
  readonly port: number | null;
  /** Null where a browser has nothing to look at. */
  readonly url: string | null;
  /** Part of the start that is shown; false for one that may be started later on. */
  readonly planned: boolean;
}

export function shownServices(services: readonly Service[], plan: Plan): readonly ShownService[] {
  const planned = new Set(plan.services.map(({ service }) => service.name));
  return services.map((service) => ({
    name: service.name,
    port: mainPort(service),
    url: speaksHttp(service) ? serviceUrl(service) : null,
    planned: planned.has(service.name),
  }));
}

/** A service whose readiness takes a command of its own, and which has no page to link to, is a database or the like. */
function speaksHttp(service: Service): boolean {
  const { tests } = service.ready;
  return (
    Object.keys(service.links).length > 0 || tests.some(({ kind }) => kind === 'http') || !tests.some(({ kind }) => kind === 'command')
  );
}
