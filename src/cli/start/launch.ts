/** `devup start -d`: launches the supervisor in its own process, shows its progress, and returns when the start has an outcome. */
import { launchSession } from '../../app/session/launch.ts';
import type { Undecided } from '../../app/session/retry.ts';
import type { Target } from '../../app/target.ts';
import type { EndSignal } from '../../model/ending.ts';
import { EventLog } from '../../model/event-log.ts';
import { exitCodeOf, exitCodeOfSignal } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import { fail } from '../../model/result.ts';
import type { Session } from '../../model/session.ts';
import type { ShownService } from '../../model/shown-service.ts';
import { askOn } from '../screen/ask.ts';
import { finishStart } from '../screen/finish.ts';
import { type Presentation, present, summary } from '../screen/present.ts';
import { onEndSignals } from '../signals.ts';
import type { StartCommand } from './start-command.ts';

/** Resolves with the exit code. */
export async function launchDetached(target: Target, { shown, context, order }: StartCommand): Promise<number | Undecided> {
  const { clock } = context.machine;
  const startedAtMs = clock.now();
  const interrupted = new AbortController();
  const urgent = new AbortController();
  const off = onEndSignals({ clock, survivesHangUp: context.survivesHangUp }, (signal) => {
    if (interrupted.signal.aborted) urgent.abort();
    interrupted.abort(signal);
  });
  const events = new EventLog({ wallTime: () => clock.wallTime() });
  // The services to draw are known when the supervisor has read the config.
  let presentation: Presentation | null = null;
  let planned = 0;
  const show = (services: readonly ShownService[]) => {
    planned ||= services.filter((service) => service.planned).length;
    presentation ??= present(viewOf(events), shown, context, { services, logs: false, tree: true, since: 0 });
    return presentation;
  };
  const outcome = await launchSession(target, context, {
    onServices: show,
    onEvent: (event) => events.append(event),
    ask: shown.interactive ? askOn(shown, context, interrupted.signal) : () => Promise.resolve(false),
    interrupted: interrupted.signal,
    urgent: urgent.signal,
  });
  off();
  events.close();
  const shownEvents = show([]);
  await shownEvents.over;
  if (outcome === 'undecided') return outcome;
  const { failure, path } = outcome;
  if (interrupted.signal.aborted) return finishStart(shown, failure, exitCodeOfSignal(interrupted.signal.reason as EndSignal));
  if (failure) return finishStart(shown, failure, exitCodeOf(failure), order.keepGoing ? shownEvents.failures() : []);
  if (!shown.json)
    await shown.err.write(`${summary(planned, clock.now() - startedAtMs, path)}, in the background · devup logs -f, devup stop\n`);
  return finishStart(shown, null);
}

/** The launched session as its launcher sees it: events, and nothing else. */
function viewOf(events: EventLog): Session {
  const cannot = () =>
    Promise.resolve(fail<Failure>({ code: 'E411', kind: 'protocol', message: 'a session that is starting only sends its events' }));
  return { snapshot: cannot, events: (options) => events.subscribe(options), send: cannot };
}
