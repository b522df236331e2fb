/** The runner for the first word of a command line. The build takes the words of each bundle from here. */
import { type InternalWord, LAUNCHED_WORD, RELOAD_WORD } from '../app/internal-words.ts';
import { COMMAND_TABLE } from './specs/command-table.ts';
import type { CommandName } from './specs/names.ts';
import type { Runner } from './specs/spec.ts';

/** `''` is a command line without a command. */
export const RUNNERS: Readonly<Record<CommandName | InternalWord | '', Runner>> = {
  ...COMMAND_TABLE,
  '': { bundle: 'short', run: async () => (await import('./commands/bare.ts')).bare },
  [LAUNCHED_WORD]: { bundle: 'session', run: async () => (await import('./start/launched.ts')).launched },
  [RELOAD_WORD]: { bundle: 'session', run: async () => (await import('./answer-reload.ts')).answerReload },
};
