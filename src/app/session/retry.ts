/**
 * Two starts at once, or a start while a session is ending: the one that was too late to begin a session, or too early since
 * the old one is still there, tries until it finds one to use or begins its own.
 */

import { askLock } from '../../control/lock.ts';
import type { Failure, FailureCode } from '../../model/failure.ts';
import type { AppContext } from '../context.ts';
import type { Target } from '../target.ts';

/** Nothing was done: another process was quicker, or a session is still ending. The attempt is to be made again. */
export type Undecided = 'undecided';

const PAUSE_MS = 50;
/** Not there, lost, or ending: in a moment that is decided. */
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

const LOCK_PATIENCE_MS = 5000;

/** Resolves when another process, or nobody, holds the lock of the stack; at the latest after `patienceMs`. */
export async function untilLockMoves(
  { endpoint }: Target,
  pid: number,
  { machine: { clock } }: AppContext,
  patienceMs = LOCK_PATIENCE_MS,
): Promise<void> {
  const deadline = clock.now() + patienceMs;
  for (;;) {
    const holder = await askLock(endpoint);
    if (typeof holder === 'string' || holder.pid !== pid || clock.now() > deadline) return;
    await clock.sleep(PAUSE_MS);
  }
}
