/** What the flags of `start` ask for. */
import { parseDuration } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { StartCommand } from '../model/session.ts';
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
