/** Decides which services wait for others while a session runs, and how they react to the loss of a dependency. */
import type { Failure } from '../../model/failure.ts';
import { directDependents, resolveDependencies } from '../../model/plan.ts';
import type { Condition, Dependency, Stack } from '../../model/service.ts';
import { countsAsReady, hasComeUp, hasStarted, isDown, type ServiceState } from '../../model/service-state.ts';
import type { Actor } from '../service/actor.ts';
import type { Core } from './core.ts';

export function satisfies(state: ServiceState, condition: Condition): boolean {
  switch (condition) {
    case 'ready':
      return countsAsReady(state);
    case 'started':
      return hasStarted(state);
    case 'completed':
      return state === 'completed';
    default:
      return condition satisfies never;
  }
}

/** The state that dependents see: a task that has done its work counts as started while the rest of its group is being ended. */
export function stateForDependents({ state, publicState }: Actor): ServiceState {
  return state.name === 'stopping' && state.next.to === 'completed' ? 'starting' : publicState;
}

/** Waits until all dependencies are satisfied at the same moment. */
export async function awaitDependencies(core: Core, name: string, signal: AbortSignal): Promise<void> {
  const unsatisfied = () =>
    core.context.dependenciesOf(name).find(({ service, condition }) => {
      const actor = core.actors.get(service);
      return actor && !satisfies(stateForDependents(actor), condition);
    });
  for (let dependency = unsatisfied(); dependency; dependency = unsatisfied()) {
    const { service, condition } = dependency;
    const actor = core.actors.get(service) as Actor;
    await actor.until(() => satisfies(stateForDependents(actor), condition), signal);
  }
}

/** E106 for a service that would wait forever, because a dependency has ended or is itself blocked; else null. `free`: services that are not. */
export function blockedBy(core: Pick<Core, 'actors' | 'context'>, actor: Actor, free = new Set<Actor>()): Failure | null {
  if (actor.state.name !== 'waiting' || free.has(actor)) return null;
  for (const { service, condition } of core.context.dependenciesOf(actor.service.name)) {
    const dependency = core.actors.get(service);
    if (!dependency || (!isDown(dependency.state.name) && !blockedBy(core, dependency, free))) continue;
    return { code: 'E106', kind: 'dependency-failed', service: actor.service.name, dependency: service, condition };
  }
  free.add(actor);
  return null;
}

/**
 * After the loss of a dependency, a dependent that is not ready yet starts over; a ready dependent keeps running, and a notice reports the
 * loss. A task that runs once more is no loss to ready dependents: its work has been done.
 */
export function notifyDependents(core: Core, actor: Actor, before: ServiceState): void {
  if (core.ending) return;
  const now = stateForDependents(actor);
  for (const name of directDependents(core.dependencies).get(actor.service.name) ?? []) {
    const dependent = core.actors.get(name);
    const need = core.context.dependenciesOf(name).find(({ service }) => service === actor.service.name);
    // An unhealthy service still runs, so its dependents have not lost it.
    if (
      !dependent ||
      !need ||
      now === 'unhealthy' ||
      satisfies(now, need.condition) ||
      !satisfies(before === 'unhealthy' ? 'ready' : before, need.condition)
    )
      continue;
    if (!dependent.active) continue;
    dependent.send({ name: 'depLost' });
    if (hasComeUp(dependent.state.name) && before !== 'completed') {
      core.eventLog.append({ type: 'notice', service: name, notice: { kind: 'dependency-lost', dependency: actor.service.name } });
    }
  }
}

/** The config's dependencies, except that a running service keeps those it was started with, even if the config no longer declares it. */
export function mergeDependencies(
  file: Stack,
  actors: ReadonlyMap<string, Actor>,
  before: ReadonlyMap<string, readonly Dependency[]>,
): ReadonlyMap<string, readonly Dependency[]> {
  const resolved = new Map(resolveDependencies(file.services));
  for (const [name, actor] of actors) {
    const known = actor.active ? before.get(name) : undefined;
    if (known || !resolved.has(name)) resolved.set(name, known ?? []);
  }
  return resolved;
}
