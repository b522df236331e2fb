/** `devup start` without `-d`, when nothing runs yet: the session lives in this process, on this terminal. */

import { endWithServices } from '../app/session/end-with-services.ts';
import { beginInOwnProcess } from '../app/session/own-process.ts';
import { RETRY } from '../app/session/retry.ts';
import type { Target } from '../app/target.ts';
import type { Tracing } from '../app/tracing.ts';
import { failureOf } from '../model/ending.ts';
import type { Stack } from '../model/service.ts';
import type { StartOrder } from '../model/session.ts';
import { askOn } from './ask.ts';
import type { Context, Parsed } from './context.ts';
import { done, doneStarting } from './done.ts';
import { exitCodeOfEnding } from './exit-code.ts';
import { lineServices, present, summary } from './present.ts';
import { REPORTING } from './reporting.ts';
import type { Screen } from './screen.ts';
import { superviseSignals } from './signals.ts';
import { sendStart } from './start-request.ts';

/** Resolves with the exit code; `AGAIN` when somebody else was quicker to begin a session. */
export async function superviseForeground(
  target: Target,
  stack: Stack,
  request: StartOrder,
  shown: Screen,
  parsed: Parsed,
  context: Context,
  traced: Tracing,
): Promise<number | typeof RETRY> {
  const asking = new AbortController();
  const ask = shown.interactive ? askOn(shown, context, asking.signal) : null;
  const begun = await traced.time('begin the session', () =>
    beginInOwnProcess(target, stack, context, {
      reporting: REPORTING,
      ask,
      colour: shown.outColour,
      trace: traced.trace,
      force: parsed.flags['force'] === true,
    }),
  );
  if (!begun.ok) return doneStarting(shown, begun.failure);
  if (begun.value === 'held') return RETRY;
  const { supervisor, close } = begun.value;
  superviseSignals(supervisor);
  void supervisor.ended.then(() => asking.abort());
  const began = context.machine.clock.now();
  const services = lineServices(stack.services, request);
  const presentation = present(supervisor, shown, context, { services, logs: true, tree: true, since: 0 });
  // The reader of the output is gone (`| head -1`, a closed terminal): nobody is left to run the stack for.
  const unread = () => void supervisor.shutdown('ordered', { why: context.stdout.isTTY ? 'terminal-closed' : 'output-closed' });
  shown.out.closed.addEventListener('abort', unread, { once: true });
  const reply = await traced.time('start', () => sendStart(supervisor, request, context.machine));
  traced.write();
  await presentation.started();
  const cancelled = supervisor.ending;
  const stays = reply.ok || (request.keepGoing && [...supervisor.actors.values()].some(({ active }) => active));
  if (!stays) await supervisor.shutdown('ordered', { why: 'order' });
  else if (reply.ok)
    presentation.say(
      `${summary(reply.value.started.length, context.machine.clock.now() - began, reply.value.path)} · Ctrl-C stops everything\n`,
    );
  else if (!cancelled) await done({ ...shown, json: false }, reply.failure);
  if (stays)
    await endWithServices(supervisor, { named: new Set(request.services), onFirstFailure: parsed.flags['exit-on-failure'] === true });
  const ending = await supervisor.ended;
  await close();
  await presentation.over;
  const failure = failureOf(ending) ?? (stays || cancelled || reply.ok ? null : reply.failure);
  return doneStarting(shown, failure, exitCodeOfEnding(ending) || undefined);
}
