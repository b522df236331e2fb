/** `devup start` without `-d` and without a running session: runs the session in this process, on this terminal. */

import { endWithServices } from '../../app/session/end-with-services.ts';
import { beginInOwnProcess } from '../../app/session/own-process.ts';
import type { Undecided } from '../../app/session/retry.ts';
import { type PlannedStart, sendStart, staysAfter } from '../../app/session/start.ts';
import { failureOf, isUncaught } from '../../model/ending.ts';
import { exitCodeOfEnding } from '../../model/exit-code.ts';
import { shownServices } from '../../model/shown-service.ts';
import { reportingOn } from '../../render/reporting.ts';
import { askOn } from '../screen/ask.ts';
import { finish, finishStart } from '../screen/finish.ts';
import { present, summary } from '../screen/present.ts';
import { superviseSignals } from '../signals.ts';
import type { StartCommand } from './start-command.ts';

/** Resolves with the exit code. */
export async function superviseForeground(start: PlannedStart, command: StartCommand): Promise<number | Undecided> {
  const { target, stack, order, plan } = start;
  const { shown, context, tracing, force, exitOnFailure } = command;
  const asking = new AbortController();
  const ask = shown.interactive ? askOn(shown, context, asking.signal) : null;
  const reporting = reportingOn(context.machine.platform);
  const begun = await tracing.time('begin the session', () =>
    beginInOwnProcess(target, stack, context, { reporting, ask, colour: shown.outColour, trace: tracing.trace, force }),
  );
  if (!begun.ok) return finishStart(shown, begun.failure);
  if (begun.value === 'held') return 'undecided';
  const { supervisor, close } = begun.value;
  superviseSignals(supervisor, context.survivesHangUp);
  void supervisor.ended.then(() => asking.abort());
  const startedAtMs = context.machine.clock.now();
  const services = shownServices(stack.services, plan);
  const presentation = present(supervisor, shown, context, { services, logs: true, tree: true, since: 0 });
  // When the reader of the output is gone (`| head -1`, a closed terminal), the session ends.
  const onReaderGone = () => void supervisor.shutdown('ordered', { why: context.stdout.isTTY ? 'terminal-closed' : 'output-closed' });
  shown.out.closed.addEventListener('abort', onReaderGone, { once: true });
  const reply = await tracing.time('start', () => sendStart(supervisor, order, context.machine));
  tracing.write();
  await presentation.started();
  const cancelled = supervisor.ending;
  const stays = staysAfter(reply, order, supervisor);
  const others = order.keepGoing ? presentation.failures() : [];
  if (!stays) await supervisor.shutdown('ordered', { why: 'order' });
  else if (reply.ok)
    presentation.say(
      `${summary(reply.value.started.length, context.machine.clock.now() - startedAtMs, reply.value.path)} · Ctrl-C stops everything\n`,
    );
  else if (!cancelled) await finish({ ...shown, json: false }, reply.failure, undefined, others);
  if (stays) await endWithServices(supervisor, { named: new Set(order.services), onFirstFailure: exitOnFailure });
  const ending = await supervisor.ended;
  await close();
  await presentation.over;
  const failure = failureOf(ending) ?? (stays || cancelled || reply.ok ? null : reply.failure);
  const isShown = !shown.json && failure !== null && isUncaught(failure);
  return finishStart(shown, isShown ? null : failure, exitCodeOfEnding(ending) || undefined, stays ? [] : others);
}
