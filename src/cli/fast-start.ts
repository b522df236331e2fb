/**
 * The commands that begin or change a session, in a bundle of their own: packages are loaded only for what needs one (a
 * tree on a terminal, a command that tests readiness). Null for all that needs the whole program, as in `fast.ts`;
 * nothing has happened then.
 */

import type { Invocation } from '../app/context.ts';
import { LAUNCHED_WORD } from '../app/session/launch.ts';
import { debug } from './commands/debug.ts';
import { exec } from './commands/exec.ts';
import { restart } from './commands/restart.ts';
import { run } from './commands/run.ts';
import { start } from './commands/start.ts';
import { wait } from './commands/wait.ts';
import type { Run } from './context.ts';
import { contextFor } from './context-for.ts';
import { guarded, NeedsMore } from './guarded.ts';
import { KEPT } from './kept-configs.ts';
import { launched } from './launched.ts';
import { parse } from './parse.ts';

const COMMANDS: Readonly<Record<string, Run>> = { start, restart, run, wait, exec, debug };

export async function fastStart(invocation: Invocation): Promise<number | null> {
  const internal = invocation.argv[0] === LAUNCHED_WORD;
  const line = parse(internal ? invocation.argv.slice(1) : invocation.argv);
  const parsed = line.kind === 'parsed' ? line.parsed : null;
  const command = internal ? launched : parsed && COMMANDS[parsed.command];
  if (!parsed || !command || parsed.flags['debug'] === true) return null;
  const context = contextFor(internal ? { ...invocation, argv: invocation.argv.slice(1) } : invocation, internal ? {} : parsed.flags, KEPT);
  if (!context.ok) return null;
  try {
    return await guarded(command, parsed, context.value);
  } catch (error) {
    if (error instanceof NeedsMore) return null;
    throw error;
  }
}
