/** Why a session ended. The command line maps it to an exit code. */
import type { Failure } from './failure.ts';

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT';

export type Ending =
  /** The session was stopped or shut down, or the command that it was started for has ended. */
  | { readonly why: 'order' }
  | { readonly why: 'signal'; readonly signal: EndSignal }
  /** All required services have ended, and none has failed. */
  | { readonly why: 'services-over' }
  /** No required service is left; `failure` is that of the service that failed first. */
  | { readonly why: 'service-failed'; readonly failure: Failure }
  /** The reader of the session's output is gone (`| head -1`). */
  | { readonly why: 'output-closed' }
  | { readonly why: 'terminal-closed' }
  /** An error of the session itself, or processes that could not be ended. */
  | { readonly why: 'failure'; readonly failure: Failure };

/** Whether the session ended as intended, without a failure or an interruption. */
export function endedWell({ why }: Ending): boolean {
  return why === 'order' || why === 'services-over' || why === 'output-closed';
}

/** An error that the config left behind (E306) or a bug of devup (E470). It ends the session, which tells it at once with a notice. */
export function isUncaught({ code }: Failure): boolean {
  return code === 'E306' || code === 'E470';
}

export function failureOf(ending: Ending): Failure | null {
  return 'failure' in ending ? ending.failure : null;
}
