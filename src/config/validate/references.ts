/** Checks between the services of a stack: duplicate ports, dependencies, cycles, routes. */
import { findCycle, resolveDependencies } from '../../model/plan.ts';
import type { Dependency, Service, ServiceInput, StackInput } from '../../model/service.ts';
import { isTask, mainPort } from '../../model/service.ts';
import { variableName } from '../../model/service-name.ts';
import { stackVariables } from '../../model/stack-variables.ts';
import { suggest } from '../../model/suggest.ts';
import type { ConfigFinding, Path } from './finding.ts';

export interface Declared {
  readonly config: StackInput;
  /** Names of all services, including invalid ones, which may be referred to. */
  readonly names: readonly string[];
  /** Whether a field is already reported as wrong, so that nothing follows from its absence. */
  readonly wrong: (service: string, field: keyof ServiceInput) => boolean;
}

export function referenceFindings(services: readonly Service[], declared: Declared): readonly ConfigFinding[] {
  return [
    ...duplicatePorts(services, declared),
    ...variableFindings(services, declared),
    ...dependencyFindings(services, declared),
    ...cycleFindings(services),
    ...routeFindings(services, declared),
  ];
}

/** A port of one service and another service can have one variable: `db` with a port `admin`, and `db-admin`. */
function variableFindings(services: readonly Service[], { config }: Declared): readonly ConfigFinding[] {
  const owners = new Map<string, string>();
  return services.flatMap((service) =>
    stackVariables(service).flatMap(({ name: variable, port }): ConfigFinding[] => {
      const owner = owners.get(variable);
      owners.set(variable, owner ?? service.name);
      // Services of one variable are a problem of their names, and ports of one variable one of theirs.
      if (owner === undefined || port === null || owner === service.name || variableName(owner) === variableName(service.name)) return [];
      const message = `would be ${variable} in the environment of \`devup run\`, like a port of ${owner}`;
      return [{ path: portPath(service.name, port, config), message }];
    }),
  );
}

/** Where the port is declared: `port`, or an entry of `ports`. */
function portPath(service: string, port: string, config: StackInput): Path {
  const single = port === 'main' && config.services[service]?.port !== undefined;
  return ['services', service, ...(single ? ['port'] : ['ports', port])];
}

function duplicatePorts(services: readonly Service[], { config }: Declared): readonly ConfigFinding[] {
  const owners = new Map<number, string>();
  const findings: ConfigFinding[] = [];
  for (const service of services) {
    for (const { name, port } of service.ports) {
      const single = config.services[service.name]?.port === port && name === 'main';
      const path = ['services', service.name, ...(single ? ['port'] : ['ports', name])];
      const owner = owners.get(port);
      const label = single ? service.name : `${service.name} (ports.${name})`;
      if (owner !== undefined) findings.push({ path, message: `is also claimed by ${owner}; a port belongs to one service`, value: port });
      else owners.set(port, label);
    }
  }
  return findings;
}

function dependencyFindings(services: readonly Service[], { config, names, wrong }: Declared): readonly ConfigFinding[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return services.flatMap((service) =>
    (service.dependsOn ?? []).flatMap((dependency): ConfigFinding[] => {
      const path = dependencyPath(service.name, dependency, config);
      const needed = byName.get(dependency.service);
      if (needed === undefined) {
        if (names.includes(dependency.service)) return [];
        return [
          {
            path,
            message: 'names a service that does not exist',
            value: dependency.service,
            suggestion: suggest(dependency.service, names),
          },
        ];
      }
      if (dependency.condition === 'completed' && !isTask(needed) && !wrong(needed.name, 'ready')) {
        return [{ path, message: `waits for ${needed.name} to complete, which only a task does (ready: { exit: 0 })` }];
      }
      return [];
    }),
  );
}

function dependencyPath(service: string, dependency: Dependency, config: StackInput): Path {
  const declared = config.services[service]?.dependsOn;
  const at = ['services', service, 'dependsOn'];
  if (Array.isArray(declared)) return [...at, declared.indexOf(dependency.service)];
  return typeof declared === 'object' ? [...at, dependency.service] : at;
}

/** A stack may have several cycles. Each is reported once: its first edge is removed before the next search. */
function cycleFindings(services: readonly Service[]): readonly ConfigFinding[] {
  const dependencies = new Map(resolveDependencies(services));
  const chained = new Set(services.filter((service) => service.dependsOn === null).map((service) => service.name));
  const findings: ConfigFinding[] = [];
  for (let cycle = findCycle(dependencies); cycle !== null; cycle = findCycle(dependencies)) {
    const [first, second] = cycle as readonly [string, string];
    const path = cycle.join(' → ');
    const declared = cycle.slice(0, -1).find((name) => !chained.has(name)) ?? first;
    const follower = cycle.slice(0, -1).find((name) => chained.has(name));
    const why =
      follower === undefined ? '' : `; ${follower} follows the service declared before it, because it has no dependsOn of its own`;
    findings.push({ path: ['services', declared, 'dependsOn'], message: `closes a cycle: ${path}${why}`, value: undefined });
    dependencies.set(
      first,
      (dependencies.get(first) ?? []).filter((dependency) => dependency.service !== second),
    );
  }
  return findings;
}

function routeFindings(services: readonly Service[], { config, names, wrong }: Declared): readonly ConfigFinding[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return Object.entries(config.routes ?? {}).flatMap(([prefix, name]): ConfigFinding[] => {
    const path = ['routes', prefix];
    const service = byName.get(name);
    const findings: ConfigFinding[] = prefix.startsWith('/')
      ? []
      : [{ path, message: 'must begin with "/"', value: prefix, suggestion: `/${prefix}` }];
    if (service === undefined) {
      if (!names.includes(name)) findings.push({ path, message: 'names a service that does not exist', suggestion: suggest(name, names) });
    } else if (mainPort(service) === null && !wrong(name, 'port') && !wrong(name, 'ports'))
      findings.push({ path, message: `leads to ${name}, which has no port` });
    return findings;
  });
}
