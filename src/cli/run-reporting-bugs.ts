/**
 * Runs a command, and reports a bug as E470 (exit code 70, with its stack trace under `--debug`) and a late error of the config
 * as E306.
 */

import { blame, firstUncaught } from '../app/uncaught.ts';
import type { Context, Parsed } from './context.ts';
import { finish } from './screen/finish.ts';
import { screen } from './screen/screen.ts';
import type { Runner } from './specs/spec.ts';

export async function runReportingBugs(runner: Runner, parsed: Parsed, context: Context): Promise<number> {
  const report = (error: unknown) => {
    const shown = screen(parsed.flags, context);
    const failure = blame(error, context, null);
    if (shown.debug && failure.code === 'E470' && error instanceof Error) void shown.err.write(`${error.stack}\n`);
    return finish(shown, failure);
  };
  const uncaught = firstUncaught();
  try {
    const run = await runner.run();
    return await Promise.race([run(parsed, context), uncaught.error.then(report)]);
  } catch (bug) {
    return report(bug);
  }
}
