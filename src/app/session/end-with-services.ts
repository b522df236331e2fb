/** When nobody is left to run a session for: it ends by itself. */
import type { Failure } from '../../model/failure.ts';
import { type Actor, isActive } from '../../supervisor/service/actor.ts';
import { blockedBy } from '../../supervisor/session/dependencies.ts';
import type { Supervisor } from '../../supervisor/supervisor.ts';

export interface EndWithServicesOptions {
  /** Optional services that count all the same, since the command named them. */
  readonly named: ReadonlySet<string>;
  /** `--exit-on-failure`: the first that has failed is loss enough. */
  readonly onFirstFailure: boolean;
}

/**
 * Ends the session when no required service is left alive: exit 7 when one has failed, else 0 (all tasks are done).
 * Resolves when the session is over.
 */
export async function endWithServices(supervisor: Supervisor, { named, onFirstFailure }: EndWithServicesOptions): Promise<void> {
  const required = () => [...supervisor.actors.values()].filter((actor) => !actor.service.optional || named.has(actor.service.name));
  const failed = () => required().find((actor) => actor.state.name === 'failed');
  const alive = (actor: Actor) =>
    supervisor.debugging.has(actor.service.name) || (isActive(actor) && blockedBy(supervisor, actor) === null);
  const lost = () => !required().some(alive) || (onFirstFailure && failed() !== undefined);
  // Listen before looking, so that nothing falls between.
  for await (const event of withFirst(supervisor.events({ without: 'output' }))) {
    if (event !== null && event.type !== 'state') continue;
    if (supervisor.ending) break;
    if (!lost()) continue;
    // A restart stops everything for a moment, and is no loss.
    await supervisor.idle();
    if (supervisor.ending || !lost()) continue;
    const failure: Failure | null = failed()?.problem ?? null;
    void supervisor.shutdown('ordered', { exitCode: failure ? 7 : 0, failure });
  }
  await supervisor.ended;
}

async function* withFirst<T>(events: AsyncIterable<T>): AsyncGenerator<T | null> {
  yield null;
  yield* events;
}
