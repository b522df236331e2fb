/** A session in a program that is not devup's: it installs no signal handlers, and its own orders are its caller's to give. */
import type { Ending } from '../../model/ending.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import type { Session } from '../../model/session.ts';
import type { AppContext } from '../context.ts';
import { targetOfStack } from '../target.ts';
import { type BeginOptions, beginSession } from './begin.ts';

/** A session that this process runs. Nothing of it is started yet: `send(startOrder())` does that. */
export interface SupervisedSession extends Session {
  /** Resolves when everything has ended and the session can be begun again, whatever ended it. */
  readonly ended: Promise<Ending>;
  /** Ends everything: in order (default), or killing all services at once. Resolves as `ended` does. */
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
    snapshot: (asked) => supervisor.snapshot(asked),
    events: (asked) => supervisor.events(asked),
    send: (order) => supervisor.send(order),
    ended,
    stop(how = 'ordered') {
      void supervisor.shutdown(how, { why: 'order' });
      return ended;
    },
  });
}
