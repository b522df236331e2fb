/** How a command is described: its words, flags and examples. */

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

export interface CommandSpec {
  readonly name: string;
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

export const MANY = Number.POSITIVE_INFINITY;
export const SERVICES = { name: 'service', least: 0, most: MANY };
