/** Reads the flags of `devup start`: the order, and how to run and show the start. */
import { type Tracing, tracing } from '../../app/tracing.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { type StartOrder, startOrder } from '../../model/session.ts';
import type { Context, Parsed } from '../context.ts';
import { durationFlag, listFlag } from '../parse/values.ts';
import type { Screen } from '../screen/screen.ts';

export interface StartCommand {
  readonly order: StartOrder;
  readonly shown: Screen;
  readonly context: Context;
  readonly tracing: Tracing;
  readonly detach: boolean;
  readonly exitOnFailure: boolean;
  /** Begin even if a session seems to run in another network namespace. */
  readonly force: boolean;
}

/** Fails with E001, like `readStartOrder`. */
export function readStartCommand(parsed: Parsed, shown: Screen, context: Context): Result<StartCommand, Failure> {
  const { flags } = parsed;
  const order = readStartOrder(parsed, context);
  if (!order.ok) return order;
  const [detach, exitOnFailure, force] = [flags['detach'] === true, flags['exit-on-failure'] === true, flags['force'] === true];
  return ok({ order: order.value, shown, context, tracing: startTracing(context), detach, exitOnFailure, force });
}

/** Fails with E001 for an invalid `DEVUP_ON_CONFLICT`; the parser has checked the flags. */
export function readStartOrder(parsed: Parsed, context: Context): Result<StartOrder, Failure> {
  const { flags, words } = parsed;
  const policy = flags['on-conflict'] ?? context.env['DEVUP_ON_CONFLICT'];
  const onConflict = policy === undefined || policy === '' ? null : policy;
  if (onConflict !== null && onConflict !== 'kill' && onConflict !== 'ask' && onConflict !== 'fail') {
    return usage(`DEVUP_ON_CONFLICT must be kill, ask or fail, not ${String(policy)}`);
  }
  return ok(
    startOrder({
      services: words.length > 0 ? words : null,
      with: listFlag(parsed, 'with'),
      profiles: listFlag(parsed, 'profile'),
      noDeps: flags['no-deps'] === true,
      onConflict,
      takeOver: flags['take-over'] === true,
      keepGoing: flags['keep-going'] === true,
      timeoutMs: durationFlag(parsed, 'timeout'),
    }),
  );
}

/** Times the start for `DEVUP_TRACE`. */
function startTracing(context: Context): Tracing {
  return tracing(context, (file, errno) => context.stderr.write(`DEVUP_TRACE: ${file} cannot be written (${errno})\n`));
}

function usage(message: string): Result<never, Failure> {
  return fail({ code: 'E001', kind: 'usage', message, suggestion: null });
}
