/**
 * Retries for two starts at once, and for a start while a session is ending: the start tries until it can use a session or
 * begin one. A stop waits in the same way until the session's lock is free.
 */

import { askLock } from '../../control/lock.ts';
import type { Failure, FailureCode } from '../../model/failure.ts';
import type { AppContext } from '../context.ts';
import type { Target } from '../target.ts';

/** The attempt did nothing, since another process was first or a session is still ending, and should be repeated. */
export type Undecided = 'undecided';

const PAUSE_MS = 50;
/** No session, connection lost, session ending: all pass in a moment. */
const PASSING: ReadonlySet<FailureCode> = new Set(['E401', 'E410', 'E412']);

export async function untilDecided<T>(context: AppContext, attempt: () => Promise<T | Undecided>): Promise<T> {
  for (;;) {
    const outcome = await attempt();
    if (outcome !== 'undecided') return outcome;
    await context.machine.clock.sleep(PAUSE_MS);
  }
}

export function isPassing(failure: Failure): boolean {
  return PASSING.has(failure.code);
}

const LOCK_TIMEOUT_MS = 5000;

/** Resolves when `pid` no longer holds the lock of the stack, or after `timeoutMs`. */
export async function untilLockLeaves(
  { endpoint }: Target,
  pid: number,
  { machine: { clock } }: AppContext,
  timeoutMs = LOCK_TIMEOUT_MS,
): Promise<void> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const holder = await askLock(endpoint);
    if (typeof holder === 'string' || holder.pid !== pid || clock.now() > deadline) return;
    await clock.sleep(PAUSE_MS);
  }
}

/** A session that has sent its last event is about to exit, so the lock is polled at short intervals. */
const RELEASE_PAUSE_MS = 5;
const RELEASE_ANSWER_MS = 500;

/** Resolves when no process holds the lock of the stack, or after LOCK_TIMEOUT_MS. */
export async function untilLockReleased({ endpoint }: Target, { machine: { clock } }: AppContext): Promise<void> {
  const deadline = clock.now() + LOCK_TIMEOUT_MS;
  while (clock.now() < deadline && (await askLock(endpoint, RELEASE_ANSWER_MS)) !== 'nobody') await clock.sleep(RELEASE_PAUSE_MS);
}
