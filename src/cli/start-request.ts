/** What the flags of `start` ask for. */
import { type Tracing, tracing } from '../app/tracing.ts';
import type { Machine } from '../machine/machine.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { type Reply, type Session, type StartOrder, startOrder } from '../model/session.ts';
import type { Context, Parsed } from './context.ts';
import { durationFlag, listFlag } from './values.ts';

/** E001 for a value that `DEVUP_ON_CONFLICT` cannot have; those of flags were looked at when they were read. */
export function startRequest(parsed: Parsed, context: Context): Result<StartOrder, Failure> {
  const { flags, words } = parsed;
  const said = flags['on-conflict'] ?? context.env['DEVUP_ON_CONFLICT'];
  const onConflict = said === undefined || said === '' ? null : said;
  if (onConflict !== null && onConflict !== 'kill' && onConflict !== 'ask' && onConflict !== 'fail') {
    return usage(`DEVUP_ON_CONFLICT is kill, ask or fail, not ${String(said)}`);
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

/** The time of a command is that since its process began: what is left of it is the session's to use. */
export async function sendStart(session: Session, request: StartOrder, { clock }: Machine): Promise<Result<Reply, Failure>> {
  const { timeoutMs } = request;
  if (timeoutMs === null) return session.send(request);
  const reply = await session.send({ ...request, timeoutMs: Math.max(0, Math.round(timeoutMs - clock.now())) });
  return !reply.ok && reply.failure.code === 'E114' ? fail({ ...reply.failure, timeoutMs }) : reply;
}

/** Times the start for `DEVUP_TRACE`. */
export function startTracing(context: Context): Tracing {
  return tracing(context, (file, errno) => context.stderr.write(`DEVUP_TRACE: ${file} cannot be written (${errno})\n`));
}

function usage(message: string): Result<never, Failure> {
  return fail({ code: 'E001', kind: 'usage', message, suggestion: null });
}
