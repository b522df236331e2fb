/** The runner for the first word of a command line. The build takes the words of each bundle from here. */
import { type InternalWord, LAUNCHED_WORD, RELOAD_WORD } from '../app/internal-words.ts';
import { COMMAND_TABLE } from './specs/command-table.ts';
import type { CommandAlias, CommandName } from './specs/names.ts';
import type { Runner } from './specs/spec.ts';

/** `''` is a command line without a command. */
export const RUNNERS: Readonly<Record<CommandName | CommandAlias | InternalWord | '', Runner>> = {
  ...COMMAND_TABLE,
  up: COMMAND_TABLE.start,
  down: COMMAND_TABLE.stop,
  ps: COMMAND_TABLE.status,
  '': { bundle: 'short', run: async () => (await import('./commands/bare.ts')).bare },
  [LAUNCHED_WORD]: { bundle: 'session', run: async () => (await import('./start/launched.ts')).launched },
  [RELOAD_WORD]: { bundle: 'session', run: async () => (await import('./answer-reload.ts')).answerReload },
};
