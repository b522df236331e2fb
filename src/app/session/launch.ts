/** Launches a session in its own process and follows the start to its outcome. `launched.ts` is the other side. */

import { join } from 'node:path';
import { launch } from '../../control/launch.ts';
import { parseEvent, parseObject } from '../../control/protocol.ts';
import type { CriticalStep } from '../../model/critical-path.ts';
import type { DoneEvent, Event } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import type { FileWarning } from '../../model/service.ts';
import type { AskConflict } from '../../model/session.ts';
import type { ShownService } from '../../model/shown-service.ts';
import type { AppContext } from '../context.ts';
import { LAUNCHED_WORD } from '../internal-words.ts';
import type { Target } from '../target.ts';
import type { Undecided } from './retry.ts';

/** The answer that approves a question of the launched process; any other refuses. */
export const YES = 'yes';

/** Callbacks during a launch. */
export interface LaunchObserver {
  /** Called when the config is read and the plan is known. */
  readonly onServices: (services: readonly ShownService[]) => void;
  readonly onEvent: (event: Event) => void;
  readonly ask: AskConflict;
  /** When aborted, the start is undone. */
  readonly interrupted: AbortSignal;
  /** When aborted too, the remaining processes are killed. */
  readonly urgent: AbortSignal;
}

export interface LaunchOutcome {
  readonly failure: Failure | null;
  /** Critical path: the steps that the start waited for, in order. */
  readonly path: readonly CriticalStep[];
}

/** Runs this program again with its own arguments. `undecided`: another process began the session first; try again. */
export async function launchSession(target: Target, context: AppContext, observer: LaunchObserver): Promise<LaunchOutcome | Undecided> {
  const { execPath, bin, argv } = context.invocation;
  let done: DoneEvent | null = null;
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
      const report = parseObject(line);
      if (report?.['type'] === 'ask') {
        void observer.ask(report['holders'] as Parameters<AskConflict>[0]).then((yes) => answer(yes ? YES : 'no'));
        return;
      }
      if (report?.['type'] === 'services') observer.onServices(report['services'] as readonly ShownService[]);
      if (report?.['type'] === 'warning') context.onWarning?.(report['warning'] as FileWarning);
      held ||= report?.['type'] === 'held';
      if (report?.['type'] === 'path') path = report['path'] as readonly CriticalStep[];
      const event = parseEvent(line);
      if (event?.type === 'done') done = event;
      else if (event) observer.onEvent(event);
    },
    signal: observer.interrupted,
    urgent: observer.urgent,
  });
  if (held && !observer.interrupted.aborted) return 'undecided';
  return { failure: outcome.ok ? failureOfDone(done) : outcome.failure, path };
}

function failureOfDone(done: DoneEvent | null): Failure | null {
  return done?.failure ?? null;
}
