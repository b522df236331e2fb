/** The actors of a session after its config was read again. */
import type { Service, Stack } from '../../model/service.ts';
import type { Actor } from '../service/actor.ts';

/** Services that do not run get their new definition at once, the others when they are restarted. */
export function updateActors(actors: Map<string, Actor>, stack: Stack, newActor: (service: Service) => Actor): void {
  const before = new Map(actors);
  actors.clear();
  for (const service of stack.services) {
    const known = before.get(service.name);
    if (known && (!known.active || known.state.name === 'debugging')) known.service = service;
    actors.set(service.name, known ?? newActor(service));
  }
  // Services that still run but have been removed from the config come last.
  for (const [name, actor] of before) {
    if (actors.has(name) || !(actor.active || actor.state.name === 'debugging')) continue;
    actors.set(name, actor);
    if (actor.state.name === 'debugging') actor.send({ name: 'stop', how: 'ordered' });
  }
}
