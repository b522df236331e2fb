/** What every function of this room is given: where devup was called, on which machine, and with which program. */

import type { ConfigLocation, FindOptions } from '../config/find/walk.ts';
import type { LoadContext } from '../config/read.ts';
import type { Machine } from '../machine/machine.ts';
import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import type { Secrets } from '../model/secrets.ts';
import type { Stack } from '../model/service.ts';

/** How the process was started, passed in by `bin.ts`: nothing else reads it from the environment of the process. */
export interface Invocation {
  readonly execPath: string;
  /** The file that started this program, for starting another one of it. */
  readonly bin: string;
  readonly argv: readonly string[];
}

/** How configs are found and loaded: with all packages, or, in the fast path, with none. */
export interface Configs {
  find(options: FindOptions): Promise<Result<ConfigLocation, Failure>>;
  load(location: ConfigLocation, context: LoadContext): Promise<Result<Stack, Failure>>;
}

export interface AppContext {
  readonly invocation: Invocation;
  readonly version: string;
  /** The working directory, after `-C`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly machine: Machine;
  readonly configs: Configs;
  /** Values that no output may show. Grows when a config is read. */
  readonly secrets: Secrets;
}
