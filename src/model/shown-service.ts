/** The facts shown of each service while a plan starts. */
import type { Plan } from './plan.ts';
import { mainPort, type Service, serviceUrl } from './service.ts';

export interface ShownService {
  readonly name: string;
  readonly port: number | null;
  /** Null if the service has no page for a browser. */
  readonly url: string | null;
  /** Whether the service is part of the start that is shown; false for a service that may be started later. */
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

/** Whether a browser can open the service: one that is tested by a command, not by HTTP, and has no links is a database or similar. */
function speaksHttp(service: Service): boolean {
  const { tests } = service.ready;
  return (
    Object.keys(service.links).length > 0 || tests.some(({ kind }) => kind === 'http') || !tests.some(({ kind }) => kind === 'command')
  );
}
