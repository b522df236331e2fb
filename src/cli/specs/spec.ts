/** How a command is described: its words, flags and examples, and what runs it. */
import type { Run } from '../context.ts';
import type { CommandName } from './names.ts';

/**
 * The file of the built package that a command is part of. `short`: CommonJS, without any package, for what people type all
 * the time and scripts call in loops; `session`: the same for commands that begin or change one; `rest`: ES modules.
 */
export type Bundle = 'short' | 'session' | 'rest';

export interface Runner {
  readonly bundle: Bundle;
  /** Imported when it is needed: no command waits for the packages of another. */
  readonly run: () => Promise<Run>;
}

/** What the text behind a flag must be; the check of each is in `values.ts`. */
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
  /** Without its dashes; the key in `Parsed.flags`. */
  readonly long: string;
  readonly short?: string;
  /** Absent: the flag stands alone. A `list` may be given several times, and is kept comma-separated. */
  readonly value?: { readonly name: string; readonly kind: ValueKind };
  readonly summary: string;
}

export interface CommandSpec<Name extends CommandName = CommandName> extends Runner {
  readonly name: Name;
  readonly summary: string;
  readonly words: { readonly name: string; readonly least: number; readonly most: number };
  /** Behind `--` stands another program's command line. */
  readonly rest: boolean | 'optional';
  readonly flags: readonly FlagSpec[];
  /** What is typed, and what it does. Help shows these first. */
  readonly examples: readonly (readonly [string, string])[];
  /** What people who come from other tools type; suggested, never run. */
  readonly elsewhere: readonly string[];
}

/** One spec for each name: a name without a spec, or a spec without a runner, does not compile. */
export type CommandTable<Names extends CommandName> = { readonly [Name in Names]: CommandSpec<Name> };

export const MANY = Number.POSITIVE_INFINITY;
export const SERVICES = { name: 'service', least: 0, most: MANY };
