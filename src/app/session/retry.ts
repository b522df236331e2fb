/**
 * Two starts at once, or a start while a session is ending: whoever was too late to begin a session, or too early since
 * the old one is still there, looks again until it finds one to use or begins its own.
 */

import { askLock } from '../../control/lock.ts';
import type { Failure, FailureCode } from '../../model/failure.ts';
import type { AppContext } from '../context.ts';
import type { Target } from '../target.ts';

export const RETRY = Symbol('retry');
const PAUSE_MS = 50;
/** Nobody yet or any more, lost, or ending: in a moment it is decided. */
const PASSING: ReadonlySet<FailureCode> = new Set(['E401', 'E410', 'E412']);

export async function untilDecided<T>(context: AppContext, attempt: () => Promise<T | typeof RETRY>): Promise<T> {
  for (;;) {
    const outcome = await attempt();
    if (outcome !== RETRY) return outcome;
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
