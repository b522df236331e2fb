/**
 * The commands that people type all the time and scripts call in loops, without any package: null for all that needs
 * more (help, a wrong flag, a config that changed since it was last loaded), and nothing has happened then.
 */
import { findKept, loadKept } from '../config/kept.ts';
import { bare } from './commands/bare.ts';
import { kill } from './commands/kill.ts';
import { logs } from './commands/logs.ts';
import { ports } from './commands/ports.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import type { Configs, Invocation, Run } from './context.ts';
import { contextFor } from './context-for.ts';
import { guarded, NeedsMore } from './guarded.ts';
import { parse } from './parse.ts';

const COMMANDS: Readonly<Record<string, Run>> = { '': bare, status, kill, stop, logs, ports };
/** What sends signals needs a package where there are no process groups. */
const SENDS_SIGNALS = new Set(['kill', 'stop']);

export async function fast(invocation: Invocation): Promise<number | null> {
  const parsed = parse(invocation.argv);
  const command = parsed && COMMANDS[parsed.command];
  if (!parsed || !command || parsed.flags['debug'] === true) return null;
  if (SENDS_SIGNALS.has(parsed.command) && process.platform === 'win32') return null;
  const context = contextFor(invocation, parsed.flags, KEPT);
  if (!context.ok) return null;
  try {
    return await guarded(command, parsed, context.value);
  } catch (error) {
    if (error instanceof NeedsMore) return null;
    throw error;
  }
}

const KEPT: Configs = {
  find: async (options) => (await findKept(options)) ?? needsMore(),
  load: async (location, context) => (await loadKept(location, context)) ?? needsMore(),
};

function needsMore(): never {
  throw new NeedsMore('the whole program is needed');
}
