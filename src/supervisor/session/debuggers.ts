/** The services that users run on their terminals (`devup debug`). A session leaves them alone, and names them. */
import type { DebuggedService, Debugger } from '../../model/debugger.ts';
import type { Failure } from '../../model/failure.ts';
import type { ProcessId } from '../../model/port.ts';
import { hasProcess } from '../../model/service-state.ts';
import type { Debuggers } from '../../ports/verdict.ts';
import { readDebugged } from '../../processes/debug-record.ts';
import type { Actor } from '../service/actor.ts';
import type { Core } from './core.ts';
import { satisfies } from './dependencies.ts';

export function debuggersOf(core: Core): Debuggers {
  return { live: debuggedIn(core.actors.values()), isOver: (by) => core.debuggersOver.has(debuggerKey(by)) };
}

export function debuggedIn(actors: Iterable<Actor>): readonly DebuggedService[] {
  return [...actors].flatMap(({ service, state }) => (state.name === 'debugging' ? [{ ...state.by, service: service.name }] : []));
}

/** Finds, by their records, the services that are already being debugged when the session begins. */
export async function adoptDebuggers(core: Core): Promise<void> {
  for (const { service, ...by } of await readDebugged(core.context.machine, core.options.folder)) {
    const actor = core.actors.get(service);
    // The debugger of a service that runs here is about to send its order.
    if (!actor || hasProcess(actor.state) || actor.state.name === 'claiming' || actor.state.name === 'debugging') continue;
    if (!core.debuggersOver.has(debuggerKey(by))) actor.send({ name: 'debug', by });
  }
}

/** The debugger that a service has, or is being stopped for. */
export function debuggerOf({ state }: Actor): Debugger | null {
  if (state.name === 'debugging') return state.by;
  return state.name === 'stopping' && state.next.to === 'debugging' ? state.next.by : null;
}

/** Whether a service cannot start because one of its dependencies is being debugged. `seen`: services that have been asked already. */
export function waitsForDebugger(core: Pick<Core, 'actors' | 'context'>, actor: Actor, seen = new Set<Actor>()): boolean {
  if (seen.has(actor)) return false;
  seen.add(actor);
  return core.context.dependenciesOf(actor.service.name).some(({ service, condition }) => {
    const dependency = core.actors.get(service);
    if (!dependency || satisfies(dependency.publicState, condition)) return false;
    return dependency.state.name === 'debugging' || (dependency.state.name === 'waiting' && waitsForDebugger(core, dependency, seen));
  });
}

/** E118 for the services of an order that are being debugged, or that depend on such a service. */
export function leftToDebuggers(core: Pick<Core, 'actors' | 'context'>, left: readonly Actor[]): Failure {
  const debugged = new Set<Actor>();
  const seen = new Set<Actor>();
  const follow = (actor: Actor) => {
    if (actor.state.name === 'debugging') debugged.add(actor);
    if (actor.state.name === 'debugging' || seen.has(actor)) return;
    seen.add(actor);
    for (const { service } of core.context.dependenciesOf(actor.service.name)) {
      const dependency = core.actors.get(service);
      if (dependency) follow(dependency);
    }
  };
  for (const actor of left) follow(actor);
  const others = left.filter((actor) => !debugged.has(actor));
  const namesOf = (actors: readonly Actor[]) => actors.map(({ service }) => service.name);
  return {
    code: 'E118',
    kind: 'being-debugged',
    services: debuggedIn(debugged),
    waiting: namesOf(others.filter(({ state }) => !hasProcess(state))),
    kept: namesOf(others.filter(({ state }) => hasProcess(state))),
  };
}

export function debuggerKey({ pid, start }: ProcessId): string {
  return `${pid}:${start}`;
}
