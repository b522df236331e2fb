/** `devup start` without `-d`, when nothing runs yet: the session lives in this process, on this terminal. */
import type { Failure } from '../model/failure.ts';
import type { Stack } from '../model/service.ts';
import type { AskConflict, StartCommand } from '../model/session.ts';
import { describeHolder } from '../render/words/holder.ts';
import { isActive } from '../supervisor/actor.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { attachStart } from './attach.ts';
import type { Context, Parsed } from './context.ts';
import { doneStarting } from './done.ts';
import { beginSession } from './own-session.ts';
import { lineServices, type Presentation, present, summary } from './present.ts';
import type { Screen } from './screen.ts';
import { superviseSignals } from './signals.ts';
import { connectTarget, type Target } from './target.ts';

export async function superviseForeground(
  target: Target,
  stack: Stack,
  request: StartCommand,
  shown: Screen,
  parsed: Parsed,
  context: Context,
): Promise<number> {
  const ask = shown.interactive ? askOn(shown, context) : null;
  const begun = await beginSession(target, stack, context, { ask, colour: shown.outColour });
  if (!begun.ok) return doneStarting(shown, begun.failure);
  if (begun.value === 'held') {
    const running = await connectTarget(target, context);
    return running.ok ? attachStart(running.value, target, request, shown, parsed, context) : doneStarting(shown, running.failure);
  }
  const { supervisor, close } = begun.value;
  superviseSignals(supervisor);
  const began = context.machine.clock.now();
  const presentation = present(supervisor, shown, context, {
    services: lineServices(stack.services, request),
    logs: true,
    tree: true,
    since: 0,
  });
  // Whoever reads our output is gone (`| head -1`, a closed terminal): nobody is left to run it for.
  shown.out.closed.addEventListener('abort', () => void supervisor.shutdown('ordered', { exitCode: 0, failure: null }), { once: true });
  const reply = await supervisor.send(request);
  await presentation.started();
  if (!reply.ok && !supervisor.ending && !(request.keepGoing && [...supervisor.actors.values()].some(isActive))) {
    await supervisor.shutdown('ordered', { exitCode: 0, failure: null });
    return finish(supervisor, close, presentation, shown, reply.failure);
  }
  if (!reply.ok && !supervisor.ending) await doneStarting({ ...shown, json: false }, reply.failure);
  else if (reply.ok)
    presentation.say(`${summary(reply.value.started.length, context.machine.clock.now() - began)} · Ctrl-C stops everything\n`);
  const loss = endWhenLost(supervisor, parsed.flags['exit-on-failure'] === true);
  await supervisor.ended;
  return finish(
    supervisor,
    close,
    presentation,
    shown,
    supervisor.ending && !reply.ok && reply.failure.code !== 'E115' ? null : await loss,
  );
}

async function finish(
  supervisor: Supervisor,
  close: () => Promise<void>,
  presentation: Presentation,
  shown: Screen,
  failure: Failure | null,
): Promise<number> {
  const ending = await supervisor.ended;
  await presentation.over;
  await close();
  const told = ending.failure ?? failure;
  return doneStarting(shown, told, ending.exitCode !== 0 ? ending.exitCode : undefined);
}

/**
 * Ends the session when no required service is left alive (with `--exit-on-failure`: when one has failed). Resolves with
 * the failure that did it, or null when the session ended otherwise.
 */
export async function endWhenLost(supervisor: Supervisor, onFirstFailure: boolean): Promise<Failure | null> {
  const required = [...supervisor.actors.values()].filter((actor) => !actor.service.optional && actor.state.name !== 'stopped');
  const failed = () => required.find((actor) => actor.state.name === 'failed');
  const lost = () => supervisor.ending || required.every((actor) => !isActive(actor)) || (onFirstFailure && failed() !== undefined);
  if (required.length === 0) return null;
  await Promise.race([supervisor.ended, ...required.map((actor) => actor.until(lost))]);
  if (supervisor.ending) return null;
  const failure = failed()?.problem ?? null;
  await supervisor.shutdown('ordered', { exitCode: failure ? 7 : 0, failure });
  return failure;
}

function askOn(shown: Screen, context: Context): AskConflict {
  return async (holders) => {
    const { createInterface } = await import('node:readline/promises');
    const lines = holders.map(({ service, port, holder }) => `  ${port} ${service}  held by ${describeHolder(holder, shown.viewer)}\n`);
    await shown.err.write(lines.join(''));
    await shown.err.flush();
    const questions = createInterface({ input: context.stdin, output: context.stderr });
    const answer = await questions.question('Stop what holds these ports and continue? [y/N] ').catch(() => '');
    questions.close();
    return /^y(es)?$/i.test(answer.trim());
  };
}
