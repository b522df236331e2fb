/** A bug must not look like an answer: E470, exit 70, its stack trace with `--debug`. Nor what a config left behind and threw later: E306. */

import { blame, firstUncaught } from '../app/uncaught.ts';
import type { Context, Parsed, Run } from './context.ts';
import { done } from './done.ts';
import { screen } from './screen.ts';

/** Thrown by the fast path through a command that has done nothing yet: it needs the whole program. */
export class NeedsMore extends Error {}

export async function guarded(run: Run, parsed: Parsed, context: Context): Promise<number> {
  const tell = (error: unknown) => {
    const shown = screen(parsed.flags, context);
    const failure = blame(error, context, null);
    if (shown.debug && failure.code === 'E470' && error instanceof Error) void shown.err.write(`${error.stack}\n`);
    return done(shown, failure);
  };
  const uncaught = firstUncaught();
  try {
    return await Promise.race([run(parsed, context), uncaught.error.then(tell)]);
  } catch (bug) {
    if (!(bug instanceof NeedsMore)) return tell(bug);
    uncaught.off();
    throw bug;
  }
}
