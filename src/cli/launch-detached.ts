/** `devup start -d`: starts the supervisor as a process of its own, shows how it gets on, and returns when the start is decided. */
import { join } from 'node:path';
import { RETRY } from '../app/session/retry.ts';
import type { Target } from '../app/target.ts';
import { launch } from '../control/launch.ts';
import { parseEvent, parseObject } from '../control/protocol.ts';
import type { CriticalStep } from '../model/critical-path.ts';
import type { EndSignal } from '../model/ending.ts';
import type { DoneEvent, Event } from '../model/event.ts';
import { EventLog } from '../model/event-log.ts';
import type { Failure } from '../model/failure.ts';
import { fail, type Result } from '../model/result.ts';
import type { AskConflict, Session } from '../model/session.ts';
import type { LineService } from '../render/lines.ts';
import { askOn } from './ask.ts';
import type { Context } from './context.ts';
import { doneStarting } from './done.ts';
import { exitCodeOfSignal } from './exit-code.ts';
import { type Presentation, present, summary } from './present.ts';
import type { Screen } from './screen.ts';
import { onEndSignals } from './signals.ts';

export const LAUNCHED_WORD = '__launched';
/** The answer to a question that is not a no. */
export const YES = 'yes';

/** Resolves with the exit code; `AGAIN` when somebody else was quicker to begin a session. */
export async function launchDetached(target: Target, shown: Screen, context: Context): Promise<number | typeof RETRY> {
  const began = context.machine.clock.now();
  const interrupted = new AbortController();
  const urgent = new AbortController();
  const off = onEndSignals((signal) => {
    if (interrupted.signal.aborted) urgent.abort();
    interrupted.abort(signal);
  });
  const events = new EventLog({ wallTime: () => context.machine.clock.wallTime() });
  let decided: DoneEvent | null = null;
  let held = false;
  // What to draw is known when the supervisor has read the config.
  let presentation: Presentation | null = null;
  let planned = 0;
  let critical: readonly CriticalStep[] = [];
  const begin = (services: readonly LineService[]) => {
    planned ||= services.filter((service) => service.planned).length;
    presentation ??= present(viewOf(events), shown, context, { services, logs: false, tree: true, since: 0 });
    return presentation;
  };
  const ask = shown.interactive ? askOn(shown, context, interrupted.signal) : () => Promise.resolve(false);
  const outcome = await launch({
    execPath: context.invocation.execPath,
    bin: context.invocation.bin,
    argv: [LAUNCHED_WORD, ...context.invocation.argv],
    cwd: context.cwd,
    env: context.env,
    log: join(target.folder, 'supervisor.log'),
    onLine: (line, answer) => {
      const told = parseObject(line);
      if (told?.['type'] === 'ask') {
        void ask(told['holders'] as Parameters<AskConflict>[0]).then((yes) => answer(yes ? YES : 'no'));
        return;
      }
      if (told?.['type'] === 'services') begin(told['services'] as readonly LineService[]);
      held ||= told?.['type'] === 'held';
      if (told?.['type'] === 'path') critical = told['path'] as readonly CriticalStep[];
      const event = parseEvent(line);
      if (event?.type === 'done') decided = event;
      else if (event) events.append(event);
    },
    signal: interrupted.signal,
    urgent: urgent.signal,
  });
  off();
  events.close();
  await begin([]).over;
  const { failure, exitCode } = verdict(outcome, decided);
  if (interrupted.signal.aborted) return doneStarting(shown, failure, exitCodeOfSignal(interrupted.signal.reason as EndSignal));
  if (held) return RETRY;
  if (!failure && !shown.json) {
    await shown.err.write(
      `${summary(planned, context.machine.clock.now() - began, critical)}, in the background · devup logs -f, devup stop\n`,
    );
  }
  return doneStarting(shown, failure, exitCode);
}

function verdict(
  outcome: Result<{ readonly exitCode: number }, Failure>,
  decided: DoneEvent | null,
): { failure: Failure | null; exitCode: number | undefined } {
  if (!outcome.ok) return { failure: outcome.failure, exitCode: undefined };
  return { failure: decided?.failure ?? null, exitCode: outcome.value.exitCode };
}

/** The launched session as far as the launcher sees it: its events. */
function viewOf(events: EventLog): Session {
  const cannot = () =>
    Promise.resolve(fail<Failure>({ code: 'E411', kind: 'protocol', message: 'a start that is under way only tells its events' }));
  return { snapshot: cannot, events: (options) => events.subscribe(options) as AsyncIterable<Event>, send: cannot };
}
