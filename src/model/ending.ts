/** Why a session ended. What a shell is told of it is for the command line to say. */
import type { Failure } from './failure.ts';

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT';

export type Ending =
  /** It was stopped or shut down, or what it was begun for is over. */
  | { readonly why: 'order' }
  | { readonly why: 'signal'; readonly signal: EndSignal }
  /** All required services are over, and none of them has failed. */
  | { readonly why: 'services-over' }
  /** No required service is left, and this is what the first of them failed with. */
  | { readonly why: 'service-failed'; readonly failure: Failure }
  /** The reader of its output is gone (`| head -1`). */
  | { readonly why: 'output-closed' }
  | { readonly why: 'terminal-closed' }
  /** An error of the session itself, or processes that could not be ended. */
  | { readonly why: 'failure'; readonly failure: Failure };

/** Whether it ended as intended: nothing failed, and nobody broke it off. */
export function endedWell({ why }: Ending): boolean {
  return why === 'order' || why === 'services-over' || why === 'output-closed';
}

export function failureOf(ending: Ending): Failure | null {
  return 'failure' in ending ? ending.failure : null;
}
