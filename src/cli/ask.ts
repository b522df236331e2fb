/** The one question that `devup start` asks at a terminal. */
import { createInterface } from 'node:readline';
import type { AskConflict } from '../model/session.ts';
import { describeHolder } from '../render/words/holder.ts';
import type { Context } from './context.ts';
import type { Screen } from './screen.ts';

/** One question for all holders; anything but `y` or `yes` is no, and so are Ctrl-D and whatever aborts `signal`. */
export function askOn(shown: Screen, context: Context, signal: AbortSignal): AskConflict {
  return async (holders) => {
    const lines = holders.map(({ service, port, holder }) => `  ${port} ${service}  held by ${describeHolder(holder, shown.viewer)}\n`);
    await shown.err.write(`${lines.join('')}Stop what holds these ports and continue? [y/N] `);
    await shown.err.flush();
    const answer = await readLine(context.stdin, signal);
    return /^y(es)?$/i.test(answer.trim());
  };
}

/** Without readline's own handling of the terminal: it would take the keys from it, Ctrl-C among them. */
function readLine(input: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, terminal: false });
    const leave = () => lines.close();
    const settle = (answer: string) => {
      resolve(answer);
      signal.removeEventListener('abort', leave);
      lines.close();
      // Reading on would keep this process, and take what is typed for others.
      input.pause();
      input.unref();
    };
    lines.once('line', settle);
    lines.once('close', () => settle(''));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
