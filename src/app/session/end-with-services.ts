/** Ends a session when no required service is left. */
import type { Failure } from '../../model/failure.ts';
import type { Actor } from '../../supervisor/service/actor.ts';
import { blockedBy } from '../../supervisor/session/dependencies.ts';
import type { Supervisor } from '../../supervisor/supervisor.ts';

export interface EndWithServicesOptions {
  /** Services that count as required because the command named them. */
  readonly named: ReadonlySet<string>;
  /** `--exit-on-failure`: the first failed service ends the session. */
  readonly onFirstFailure: boolean;
}

/**
 * Ends the session when no required service is alive: as `service-failed` if one has failed, otherwise as `services-over`.
 * Resolves when the session has ended.
 */
export async function endWithServices(supervisor: Supervisor, { named, onFirstFailure }: EndWithServicesOptions): Promise<void> {
  const required = () => [...supervisor.actors.values()].filter((actor) => !actor.service.optional || named.has(actor.service.name));
  const failed = () => required().find((actor) => actor.state.name === 'failed');
  const alive = (actor: Actor) => actor.active && blockedBy(supervisor, actor) === null;
  const isOver = () => !required().some(alive) || (onFirstFailure && failed() !== undefined);
  // Subscribe before the first check, so that no event is missed.
  for await (const event of withFirst(supervisor.events({ without: 'output' }))) {
    if (event !== null && event.type !== 'state') continue;
    if (supervisor.ending) break;
    if (!isOver()) continue;
    // Waits for orders in progress: a restart stops everything for a moment.
    await supervisor.idle();
    if (supervisor.ending || !isOver()) continue;
    const failure: Failure | null = failed()?.problem ?? null;
    void supervisor.shutdown('ordered', failure ? { why: 'service-failed', failure } : { why: 'services-over' });
  }
  await supervisor.ended;
}

async function* withFirst<T>(events: AsyncIterable<T>): AsyncGenerator<T | null> {
  yield null;
  yield* events;
}
