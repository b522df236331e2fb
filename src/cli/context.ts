/** What every command is given: where it was called, with what, and what it may write to. */
import type { AppContext } from '../app/context.ts';
import type { CommandName } from './specs/names.ts';

/** A command line, understood: which command, its words, its flags by long name, and what stood behind `--`. */
export interface Parsed {
  /** `''`: none was named. */
  readonly command: CommandName | '';
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly rest: readonly string[] | null;
}

export type Flags = Readonly<Record<string, string | boolean>>;

export interface Context extends AppContext {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Resolves with the exit code. */
export type Run = (parsed: Parsed, context: Context) => Promise<number>;
