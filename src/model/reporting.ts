import type { Ending } from './ending.ts';
import type { Failure } from './failure.ts';

/** How the program that runs the session words failures for the clients of the control socket. */
export interface Reporting {
  readonly describe: (failure: Failure) => { readonly what: string; readonly why: string | null; readonly fix: string | null };
  /** Exit code for commands, sent in the last event. */
  readonly exitCode: (ending: Ending) => number;
}
