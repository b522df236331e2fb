/**
 * The commands that people type all the time and scripts call in loops, without any package: null for all that needs
 * more (help, a wrong flag, a config that changed since it was last loaded), and nothing has happened then.
 */

import type { Invocation } from '../app/context.ts';
import { bare } from './commands/bare.ts';
import { kill } from './commands/kill.ts';
import { logs } from './commands/logs.ts';
import { ports } from './commands/ports.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import type { Run } from './context.ts';
import { contextFor } from './context-for.ts';
import { guarded, NeedsMore } from './guarded.ts';
import { KEPT } from './kept-configs.ts';
import { parse } from './parse.ts';

const COMMANDS: Readonly<Record<string, Run>> = { '': bare, status, kill, stop, logs, ports };

export async function fast(invocation: Invocation): Promise<number | null> {
  const line = parse(invocation.argv);
  const parsed = line.kind === 'parsed' ? line.parsed : null;
  const command = parsed && COMMANDS[parsed.command];
  if (!parsed || !command || parsed.flags['debug'] === true) return null;
  const context = contextFor(invocation, parsed.flags, KEPT);
  if (!context.ok) return null;
  try {
    return await guarded(command, parsed, context.value);
  } catch (error) {
    if (error instanceof NeedsMore) return null;
    throw error;
  }
}
