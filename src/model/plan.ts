/**
 * The order in which services start. Without `dependsOn`, services start strictly in declared order; a service with `dependsOn` waits
 * for those services instead. Optional services stay out of this default chain: each waits for the last required service before it, and
 * no service waits for it unless its `dependsOn` names it.
 */
import type { Condition, Dependency, Service } from './service.ts';
import { isTask } from './service.ts';

export interface PlannedService {
  readonly service: Service;
  /** The declared dependencies, or the dependency of the default chain. Contains services of the plan only. */
  readonly dependencies: readonly Dependency[];
  /** 0 for services without dependencies. */
  readonly wave: number;
}

export interface Plan {
  /** Every service comes after all its dependencies, and otherwise in declared order. */
  readonly services: readonly PlannedService[];
  readonly waves: readonly (readonly PlannedService[])[];
}

/** Dependencies by service name. The map never changes after it is made. */
type Dependencies = ReadonlyMap<string, readonly Dependency[]>;

/** The dependencies of all services of the stack. Dependencies on unknown names are left out. */
export function resolveDependencies(services: readonly Service[]): Dependencies {
  const byName = new Map(services.map((service) => [service.name, service]));
  const resolved = new Map<string, readonly Dependency[]>();
  let lastRequired: Service | null = null;
  for (const service of services) {
    if (service.dependsOn) {
      resolved.set(
        service.name,
        service.dependsOn.filter((dependency) => byName.has(dependency.service)),
      );
    } else {
      resolved.set(service.name, lastRequired ? [{ service: lastRequired.name, condition: defaultCondition(isTask(lastRequired)) }] : []);
    }
    if (!service.optional) lastRequired = service;
  }
  return resolved;
}

/** The condition of a dependency that names none: `completed` for a task. */
export function defaultCondition(task: boolean): Condition {
  return task ? 'completed' : 'ready';
}

/** The first cycle, as the path that closes it (`['a', 'b', 'a']`); null if there is none. */
export function findCycle(dependencies: Dependencies): readonly string[] | null {
  const done = new Set<string>();
  for (const start of dependencies.keys()) {
    const path: string[] = [];
    const cycle = visit(start, path, new Set());
    if (cycle) return cycle;
  }
  return null;

  function visit(name: string, path: string[], onPath: Set<string>): readonly string[] | null {
    if (onPath.has(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    path.push(name);
    onPath.add(name);
    for (const { service } of dependencies.get(name) ?? []) {
      const cycle = visit(service, path, onPath);
      if (cycle) return cycle;
    }
    path.pop();
    onPath.delete(name);
    done.add(name);
    return null;
  }
}

export interface PlanRequest {
  /** Null: every service that is not optional and has no profile. */
  readonly services: readonly string[] | null;
  readonly with: readonly string[];
  readonly profiles: readonly string[];
  readonly noDeps: boolean;
}

export const WHOLE_STACK: PlanRequest = { services: null, with: [], profiles: [], noDeps: false };

/** The services that a request asks for, without their dependencies. */
export function requestedServices(services: readonly Service[], request: PlanRequest): readonly Service[] {
  const named = new Set([...(request.services ?? []), ...request.with]);
  return services.filter((service) => {
    if (named.has(service.name) || service.profiles.some((profile) => request.profiles.includes(profile))) return true;
    return request.services === null && !service.optional && service.profiles.length === 0;
  });
}

/** The requested services and all their dependencies, in waves. Requires a stack without cycles (`findCycle`). */
export function buildPlan(services: readonly Service[], request: PlanRequest = WHOLE_STACK): Plan {
  const dependencies = resolveDependencies(services);
  const wanted = new Set(requestedServices(services, request).map((service) => service.name));
  if (!request.noDeps) {
    for (const name of wanted) for (const dependency of dependencies.get(name) ?? []) wanted.add(dependency.service);
  }
  const byName = new Map(services.map((service) => [service.name, service]));
  const planned = new Map<string, PlannedService>();
  const order: PlannedService[] = [];
  for (const service of services) if (wanted.has(service.name)) place(service);
  const waves: PlannedService[][] = [];
  for (const entry of order) {
    while (waves.length <= entry.wave) waves.push([]);
    waves[entry.wave]?.push(entry);
  }
  return { services: order, waves };

  function place(service: Service): PlannedService {
    const known = planned.get(service.name);
    if (known) return known;
    const needed = (dependencies.get(service.name) ?? []).filter((dependency) => wanted.has(dependency.service));
    let wave = 0;
    for (const dependency of needed) {
      wave = Math.max(wave, place(byName.get(dependency.service) as Service).wave + 1);
    }
    const entry: PlannedService = { service, dependencies: needed, wave };
    planned.set(service.name, entry);
    order.push(entry);
    return entry;
  }
}

const dependentsByMap = new WeakMap<Dependencies, ReadonlyMap<string, readonly string[]>>();

/** The direct dependents of each service, in the order of the map; services without dependents are missing. Computed once per map. */
export function directDependents(dependencies: Dependencies): ReadonlyMap<string, readonly string[]> {
  const known = dependentsByMap.get(dependencies);
  if (known) return known;
  const dependents = new Map<string, string[]>();
  for (const [name, needs] of dependencies) {
    for (const needed of new Set(needs.map(({ service }) => service))) {
      const some = dependents.get(needed);
      if (some) some.push(name);
      else dependents.set(needed, [name]);
    }
  }
  dependentsByMap.set(dependencies, dependents);
  return dependents;
}

/** All services that depend on one of `names`, directly or through others, nearest first. */
export function dependentsOf(names: readonly string[], dependencies: Dependencies): readonly string[] {
  const direct = directDependents(dependencies);
  const found: string[] = [];
  const seen = new Set(names);
  // The list grows while the loop runs.
  const reached = [...seen];
  for (const name of reached) {
    for (const dependent of direct.get(name) ?? []) {
      if (seen.has(dependent)) continue;
      seen.add(dependent);
      found.push(dependent);
      reached.push(dependent);
    }
  }
  return found;
}
