/** Which service waits for which while a session runs. */
import type { Failure } from '../../model/failure.ts';
import { directDependents, resolveDependencies } from '../../model/plan.ts';
import type { Condition, Dependency, Stack as StackFile } from '../../model/service.ts';
import { countsAsReady, hasStarted, isDown, type ServiceState } from '../../model/service-state.ts';
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

/** Waits until all dependencies hold at the same moment. */
export async function awaitDependencies(core: Core, name: string, signal: AbortSignal): Promise<void> {
  const missing = () =>
    core.context.dependenciesOf(name).find(({ service, condition }) => {
      const actor = core.actors.get(service);
      return actor && !satisfies(actor.publicState, condition);
    });
  for (let dependency = missing(); dependency; dependency = missing()) {
    const { service, condition } = dependency;
    const actor = core.actors.get(service) as Actor;
    await actor.until(() => satisfies(actor.publicState, condition), signal);
  }
}

type Stack = Pick<Core, 'actors' | 'context'>;

/** The failure of a service that would wait for ever: what it needs has ended, or waits for something that has. */
export function blockedBy(core: Stack, actor: Actor): Failure | null {
  if (actor.state.name !== 'waiting') return null;
  for (const { service, condition } of core.context.dependenciesOf(actor.service.name)) {
    const dependency = core.actors.get(service);
    if (!dependency || (!isDown(dependency.state.name) && !blockedBy(core, dependency))) continue;
    return { code: 'E106', kind: 'dependency-failed', service: actor.service.name, dependency: service, condition };
  }
  return null;
}

/** After the loss of a dependency a service that is not ready yet begins again, and one that runs is told. */
export function tellDependents(core: Core, actor: Actor, before: ServiceState): void {
  if (core.ending) return;
  const now = actor.publicState;
  for (const name of directDependents(core.dependencies).get(actor.service.name) ?? []) {
    const dependent = core.actors.get(name);
    const need = core.context.dependenciesOf(name).find(({ service }) => service === actor.service.name);
    // An unhealthy service still runs: its dependents keep it.
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
    if (dependent.state.name === 'ready' || dependent.state.name === 'unhealthy') {
      core.eventLog.append({ type: 'notice', service: name, notice: { kind: 'dependency-lost', dependency: actor.service.name } });
    }
  }
}

/** A config's dependencies; what runs keeps those it was started with, also one that is no longer in the file. */
export function keepDependencies(
  file: StackFile,
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
