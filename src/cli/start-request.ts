/** What the flags of `start` ask for. */
import type { Machine } from '../machine/machine.ts';
import { parseDuration } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Reply, Session, StartCommand } from '../model/session.ts';
import type { Context, Parsed } from './context.ts';

/** E001 for a value that a flag, or `DEVUP_ON_CONFLICT`, cannot have. */
export function startRequest(parsed: Parsed, context: Context): Result<StartCommand, Failure> {
  const { flags, words } = parsed;
  const said = flags['on-conflict'] ?? context.env['DEVUP_ON_CONFLICT'];
  const onConflict = said === undefined || said === '' ? null : said;
  if (onConflict !== null && onConflict !== 'kill' && onConflict !== 'ask' && onConflict !== 'fail') {
    return usage(`${flags['on-conflict'] === undefined ? 'DEVUP_ON_CONFLICT' : '--on-conflict'} is kill, ask or fail, not ${String(said)}`);
  }
  const timeoutMs = durationFlag(parsed, 'timeout');
  if (!timeoutMs.ok) return timeoutMs;
  return ok({
    type: 'start',
    services: words.length > 0 ? words : null,
    with: listFlag(parsed, 'with'),
    profiles: listFlag(parsed, 'profile'),
    noDeps: flags['no-deps'] === true,
    onConflict,
    takeOver: flags['take-over'] === true,
    keepGoing: flags['keep-going'] === true,
    timeoutMs: timeoutMs.value,
  });
}

/** The time of a command is that since its process began: what is left of it is the session's to use. */
export async function sendStart(session: Session, request: StartCommand, { clock }: Machine): Promise<Result<Reply, Failure>> {
  const { timeoutMs } = request;
  if (timeoutMs === null) return session.send(request);
  const reply = await session.send({ ...request, timeoutMs: Math.max(0, Math.round(timeoutMs - clock.now())) });
  return !reply.ok && reply.failure.code === 'E114' ? fail({ ...reply.failure, timeoutMs }) : reply;
}

/** Null when the flag was not given. */
export function durationFlag({ flags }: Parsed, name: string): Result<number | null, Failure> {
  const said = flags[name];
  if (said === undefined) return ok(null);
  const ms = parseDuration(/^\d+(\.\d+)?$/.test(String(said)) ? `${said}s` : said);
  return ms === null ? usage(`--${name} is a duration such as 30s or 2m, not ${String(said)}`) : ok(ms);
}

function listFlag({ flags }: Parsed, name: string): readonly string[] {
  const said = flags[name];
  return typeof said === 'string'
    ? said
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : [];
}

function usage(message: string): Result<never, Failure> {
  return fail({ code: 'E001', kind: 'usage', message, suggestion: null });
}
