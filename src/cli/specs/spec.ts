/** The description of a command: words, flags, examples and runner. */
import type { Run } from '../context.ts';
import type { CommandName, FlagName } from './names.ts';

/**
 * The file of the published program that holds a command. `short`: CommonJS without packages, for commands that people type
 * often and scripts call in loops. `session`: the same, for commands that may begin a session, wait for one or run beside one.
 * `rest`: ES modules.
 */
export type Bundle = 'short' | 'session' | 'rest';

export interface Runner {
  readonly bundle: Bundle;
  /** Imports the command on use, so that it does not load the packages of others. */
  readonly run: () => Promise<Run>;
}

/** The kind of a flag's value; `parse/values.ts` checks it. */
export type ValueKind =
  | 'text'
  | 'list'
  | 'duration'
  | 'count'
  | 'port'
  | 'pattern'
  | 'since'
  | 'signal'
  | 'conflict'
  | 'format'
  | 'drawing';

export interface FlagSpec {
  /** Name without dashes; the key in `Parsed.flags`. */
  readonly long: FlagName;
  readonly short?: string;
  /** A second long name, as other tools call the flag. */
  readonly alias?: string;
  /** Absent for a flag without a value. A `list` may be repeated; its values are joined with commas. */
  readonly value?: { readonly name: string; readonly kind: ValueKind };
  readonly summary: string;
}

export interface CommandSpec<Name extends CommandName = CommandName> extends Runner {
  readonly name: Name;
  readonly summary: string;
  readonly words: { readonly name: string; readonly least: number; readonly most: number };
  /** Whether another program's command line follows after `--`. */
  readonly rest: boolean | 'optional';
  readonly flags: readonly FlagSpec[];
  /** Pairs of a command line and what it does. The help starts with them. */
  readonly examples: readonly (readonly [string, string])[];
  /** Names of the same command in other tools: suggested, never run. */
  readonly otherNames: readonly OtherName[];
}

/** A name that means the command, or the command with flags. */
export type OtherName = string | readonly [name: string, flags: string];

/** One spec for each name. A name without a spec, or a spec without a runner, is a compile error. */
export type CommandTable<Names extends CommandName> = { readonly [Name in Names]: CommandSpec<Name> };

export const MANY = Number.POSITIVE_INFINITY;
export const SERVICES = { name: 'service', least: 0, most: MANY };
