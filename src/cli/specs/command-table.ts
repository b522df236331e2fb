/**
 * The table of all commands. The parser, the help and the check of `docs/commands.md` read nothing else.
 */
import { CONTRACT_COMMANDS } from './contract.ts';
import { ALIASES, type CommandName } from './names.ts';
import { SESSION_COMMANDS } from './session.ts';
import type { CommandSpec, CommandTable, FlagSpec } from './spec.ts';

export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { long: 'directory', short: 'C', value: { name: 'dir', kind: 'text' }, summary: 'run as if started in this folder' },
  { long: 'config', value: { name: 'file', kind: 'text' }, summary: 'use this config instead of the nearest one' },
  { long: 'json', summary: 'print JSON' },
  { long: 'no-color', summary: 'no colours' },
  { long: 'debug', summary: 'show stack traces' },
];

export const COMMAND_TABLE: CommandTable<CommandName> = { ...SESSION_COMMANDS, ...CONTRACT_COMMANDS };

/** In the order of the help. */
export const COMMANDS: readonly CommandSpec[] = Object.values(COMMAND_TABLE);

/** Finds a command by its name or an alias. */
export function commandNamed(name: string): CommandSpec | null {
  return COMMANDS.find((command) => command.name === name || aliasesOf(command).includes(name)) ?? null;
}

export function aliasesOf({ name }: CommandSpec): readonly string[] {
  return Object.entries(ALIASES).flatMap(([alias, command]) => (command === name ? [alias] : []));
}
