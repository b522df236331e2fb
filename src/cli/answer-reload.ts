/** The child process that loads a config for a running session and sends the result over a pipe. */
import path from 'node:path';
import { sendReloaded } from '../app/session/reload.ts';
import { loadStack } from '../config/load.ts';
import type { Context, Parsed } from './context.ts';

export async function answerReload({ words: [file = ''] }: Parsed, { env, machine, version }: Context): Promise<number> {
  const reads: string[] = [];
  const onRead = (read: string) => void reads.push(read);
  const stack = await loadStack(
    { file, root: path.dirname(file) },
    { env, platform: machine.platform, clock: machine.clock, version, onRead },
  );
  await sendReloaded({ stack, reads });
  return stack.ok ? 0 : 3;
}
