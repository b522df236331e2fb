/** The context of every function in app/: where devup was called, on which machine, by which program. */

import { homedir } from 'node:os';
import { currentMachine } from '../machine/current.ts';
import type { Machine } from '../machine/machine.ts';
import { Secrets } from '../model/secrets.ts';
import type { FileWarning } from '../model/service.ts';

/** How this process was started. Only `bin.ts` and `index.ts` read that from the process. */
export interface Invocation {
  readonly execPath: string;
  /** The file of this program, for starting it again. */
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
  /** Values that no output may contain. Grows when a config is read. */
  readonly secrets: Secrets;
  /** Called for what is odd in an env file of a config that is loaded. */
  readonly onWarning?: (warning: FileWarning) => void;
}

/** The context of a call in this process: its machine, its user, and this version of devup. */
export function contextOf({ invocation, cwd, env }: Pick<AppContext, 'invocation' | 'cwd' | 'env'>): AppContext {
  return {
    invocation,
    version: __DEVUP_VERSION__,
    cwd,
    env,
    home: homedir(),
    machine: currentMachine(),
    secrets: new Secrets(env),
  };
}
