/** A bug must not look like an answer: E470, exit 70, its stack trace with `--debug`. */
import type { Context, Parsed, Run } from './context.ts';
import { done } from './done.ts';
import { screen } from './screen.ts';

/** Thrown by the fast path through a command that has done nothing yet: it needs the whole program. */
export class NeedsMore extends Error {}

export async function guarded(run: Run, parsed: Parsed, context: Context): Promise<number> {
  try {
    return await run(parsed, context);
  } catch (bug) {
    if (bug instanceof NeedsMore) throw bug;
    const shown = screen(parsed.flags, context);
    if (parsed.flags['debug'] === true && bug instanceof Error) void shown.err.write(`${bug.stack}\n`);
    return done(shown, { code: 'E470', kind: 'bug', message: bug instanceof Error ? bug.message : String(bug), crashFile: null });
  }
}
