import type { Ending } from './ending.ts';
import type { Failure } from './failure.ts';

/** The words and exit codes that the clients of the control socket get, made by the program that runs the session. */
export interface Reporting {
  readonly describe: (failure: Failure) => { readonly what: string; readonly why: string | null; readonly fix: string | null };
  /** Exit code for commands, sent in the last event. */
  readonly exitCode: (ending: Ending) => number;
}
