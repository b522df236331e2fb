/** Launches a session in a process of its own, and follows its start until that is decided (`launched.ts` is the other side). */

import { join } from 'node:path';
import { launch } from '../../control/launch.ts';
import { parseEvent, parseObject } from '../../control/protocol.ts';
import type { CriticalStep } from '../../model/critical-path.ts';
import type { DoneEvent, Event } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import type { AskConflict } from '../../model/session.ts';
import type { ShownService } from '../../model/shown-service.ts';
import type { AppContext } from '../context.ts';
import { LAUNCHED_WORD } from '../internal-words.ts';
import type { Target } from '../target.ts';
import type { Undecided } from './retry.ts';

/** The internal word that makes this program the launched one. */
/** The answer to a question that is not a no. */
export const YES = 'yes';

/** What is told of a launch while it runs. */
export interface LaunchObserver {
  /** The config was read: what will be started is known. */
  readonly onServices: (services: readonly ShownService[]) => void;
  readonly onEvent: (event: Event) => void;
  readonly ask: AskConflict;
  /** Aborted: the start is undone. */
  readonly interrupted: AbortSignal;
  /** Aborted as well: what is left is killed. */
  readonly urgent: AbortSignal;
}

export interface LaunchOutcome {
  readonly failure: Failure | null;
  /** What the start waited for, in order. */
  readonly path: readonly CriticalStep[];
}

/** Runs this program again with the arguments it was called with. `undecided`: another process began the session. */
export async function launchSession(target: Target, context: AppContext, observer: LaunchObserver): Promise<LaunchOutcome | Undecided> {
  const { execPath, bin, argv } = context.invocation;
  let decided: DoneEvent | null = null;
  let held = false;
  let path: readonly CriticalStep[] = [];
  const outcome = await launch({
    execPath,
    bin,
    argv: [LAUNCHED_WORD, ...argv],
    cwd: context.cwd,
    env: context.env,
    log: join(target.folder, 'supervisor.log'),
    onLine: (line, answer) => {
      const told = parseObject(line);
      if (told?.['type'] === 'ask') {
        void observer.ask(told['holders'] as Parameters<AskConflict>[0]).then((yes) => answer(yes ? YES : 'no'));
        return;
      }
      if (told?.['type'] === 'services') observer.onServices(told['services'] as readonly ShownService[]);
      held ||= told?.['type'] === 'held';
      if (told?.['type'] === 'path') path = told['path'] as readonly CriticalStep[];
      const event = parseEvent(line);
      if (event?.type === 'done') decided = event;
      else if (event) observer.onEvent(event);
    },
    signal: observer.interrupted,
    urgent: observer.urgent,
  });
  if (held && !observer.interrupted.aborted) return 'undecided';
  return { failure: outcome.ok ? failureIn(decided) : outcome.failure, path };
}

function failureIn(decided: DoneEvent | null): Failure | null {
  return decided?.failure ?? null;
}
