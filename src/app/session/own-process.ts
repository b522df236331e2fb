/**
 * Begins a session in a process that exists only for it: an uncaught error ends the session in order, and `process.exit`
 * throws while the session runs.
 */
import type { Failure } from '../../model/failure.ts';
import { fail, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import type { Supervisor } from '../../supervisor/supervisor.ts';
import type { AppContext } from '../context.ts';
import type { Target } from '../target.ts';
import { blame, firstUncaught, onUncaught, refuseExit } from '../uncaught.ts';
import { type BeginOptions, beginSession, type OwnSession } from './begin.ts';

/** Like `beginSession`. Also fails with E306 or E470 if an uncaught error occurs meanwhile. */
export async function beginInOwnProcess(
  target: Target,
  stack: Stack,
  context: AppContext,
  options: BeginOptions,
): Promise<Result<OwnSession | 'held', Failure>> {
  const early = firstUncaught();
  const stray = early.error.then((error) => fail(blame(error, context, null)));
  const begun = beginSession(target, stack, context, { ...options, onSupervisor: handleProcessErrors });
  return Promise.race([begun, stray]).finally(early.off);
}

function handleProcessErrors(supervisor: Supervisor): void {
  onUncaught(supervisor.context.onBug);
  const allowExit = refuseExit();
  void supervisor.ended.then(allowExit);
}
