/** The question about held ports, asked on a terminal. */
import type { AskConflict } from '../../model/session.ts';
import { describeHolder } from '../../render/words/holder.ts';
import type { Context } from '../context.ts';
import { readLine } from './read-line.ts';
import type { Screen } from './screen.ts';

/** Asks once for all holders. Anything but `y` or `yes` is no, as are Ctrl-D and an abort of `signal`. */
export function askOn(shown: Screen, context: Context, signal: AbortSignal): AskConflict {
  return async (holders) => {
    const lines = holders.map(({ service, port, holder }) => `  ${port} ${service}  held by ${describeHolder(holder, shown.viewer)}\n`);
    await shown.err.write(`${lines.join('')}Stop what holds these ports and continue? [y/N] `);
    await shown.err.flush();
    const answer = await readLine(context.stdin, signal);
    return /^y(es)?$/i.test(answer?.trim() ?? '');
  };
}
