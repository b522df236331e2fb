/** Runs a session inside another program. Installs no signal handlers; the caller sends the orders. */
import type { Ending } from '../../model/ending.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import type { Session } from '../../model/session.ts';
import type { AppContext } from '../context.ts';
import { targetOfStack } from '../target.ts';
import { type BeginOptions, beginSession } from './begin.ts';

/** A session that this process runs. Its services start with `send(startOrder())`. */
export interface SupervisedSession extends Session {
  /** Resolves when everything has ended and a new session can begin. */
  readonly ended: Promise<Ending>;
  /** Ends everything, in order (default) or by killing all services at once. Resolves like `ended`. */
  stop(how?: 'ordered' | 'kill'): Promise<Ending>;
}

/** Failures: those of `beginSession`, and E413 when another process runs the stack. */
export async function superviseStack(
  stack: Stack,
  context: AppContext,
  options: Pick<BeginOptions, 'reporting' | 'force'>,
): Promise<Result<SupervisedSession, Failure>> {
  const target = targetOfStack(stack, context);
  if (!target.ok) return target;
  context.secrets.learn(stack);
  const begun = await beginSession(target.value, stack, context, { ask: null, colour: false, trace: null, ...options });
  if (!begun.ok) return begun;
  if (begun.value === 'held') return fail({ code: 'E413', kind: 'session-running', stack: stack.name });
  const { supervisor, close } = begun.value;
  const ended = supervisor.ended.then(async (ending) => {
    await close();
    return ending;
  });
  return ok({
    snapshot: (options) => supervisor.snapshot(options),
    events: (options) => supervisor.events(options),
    send: (order) => supervisor.send(order),
    ended,
    stop(how = 'ordered') {
      void supervisor.shutdown(how, { why: 'order' });
      return ended;
    },
  });
}
