/** What every command is given: where it was called, with what, and what it may write to. */

import type { ConfigLocation, FindOptions } from '../config/find/walk.ts';
import type { LoadContext } from '../config/read.ts';
import type { Machine } from '../machine/machine.ts';
import type { Failure } from '../model/failure.ts';
import type { Secrets } from '../model/masked.ts';
import type { Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';

/** How the process was started, passed in by `bin.ts`: nothing else reads it from the environment of the process. */
export interface Invocation {
  readonly execPath: string;
  /** The file that started this program, for starting another one of it. */
  readonly bin: string;
  readonly argv: readonly string[];
}

/** A command line, understood: which command, its words, its flags by long name, and what stood behind `--`. */
export interface Parsed {
  readonly command: string;
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly rest: readonly string[] | null;
}

export type Flags = Readonly<Record<string, string | boolean>>;

/** How configs are found and loaded: with all packages, or, in the fast path, with none. */
export interface Configs {
  find(options: FindOptions): Promise<Result<ConfigLocation, Failure>>;
  load(location: ConfigLocation, context: LoadContext): Promise<Result<Stack, Failure>>;
}

export interface Context {
  readonly invocation: Invocation;
  readonly version: string;
  /** The working directory, after `-C`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly machine: Machine;
  readonly configs: Configs;
  /** Never to be shown. Grows when a config is read. */
  readonly secrets: Secrets;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Resolves with the exit code. */
export type Run = (parsed: Parsed, context: Context) => Promise<number>;
