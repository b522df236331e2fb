/** What every function of this room is given: where devup was called, on which machine, and with which program. */

import type { Machine } from '../machine/machine.ts';
import type { Secrets } from '../model/secrets.ts';

/** How the process was started, passed in by `bin.ts`: nothing else reads it from the environment of the process. */
export interface Invocation {
  readonly execPath: string;
  /** The file that started this program, for starting another one of it. */
  readonly bin: string;
  readonly argv: readonly string[];
}

export interface AppContext {
  readonly invocation: Invocation;
  readonly version: string;
  /** The working directory, after `-C`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly machine: Machine;
  /** Values that no output may show. Grows when a config is read. */
  readonly secrets: Secrets;
}
