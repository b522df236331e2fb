/** Every command gets its parsed command line, and a context that says where it runs and writes. */
import type { AppContext } from '../app/context.ts';
import type { CommandName, FlagName } from './specs/names.ts';

/** A parsed command line: the command, its words, its flags by long name, and the words after `--`. */
export interface Parsed {
  /** `''` if none was named. */
  readonly command: CommandName | '';
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly rest: readonly string[] | null;
}

export type Flags = { readonly [Name in FlagName]?: string | boolean };

export interface Context extends AppContext {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Started with `nohup`, or the like: SIGHUP has no effect. */
  readonly survivesHangUp: boolean;
}

/** Resolves with the exit code. */
export type Run = (parsed: Parsed, context: Context) => Promise<number>;
