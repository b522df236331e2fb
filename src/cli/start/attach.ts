/**
 * `devup start` while a session runs: starts the missing services through it and prints what has changed in the config. In the
 * foreground it then follows the logs; Ctrl-C leaves the services running. If a failure ends the session, it exits as the session does.
 */

import { isPassing, type Undecided, untilLockLeaves } from '../../app/session/retry.ts';
import { plannedNames, planStart, sendStart } from '../../app/session/start.ts';
import { loadTarget, type Target } from '../../app/target.ts';
import type { RemoteSession } from '../../control/remote-session.ts';
import { formatDuration } from '../../model/duration.ts';
import { exitCodeOfSignal } from '../../model/exit-code.ts';
import { countsAsReady } from '../../model/service-state.ts';
import type { Reply, Session } from '../../model/session.ts';
import { type ShownService, shownServices } from '../../model/shown-service.ts';
import { painter } from '../../render/style.ts';
import type { Context } from '../context.ts';
import { finishStart } from '../screen/finish.ts';
import { type Presentation, present, type SessionFailure } from '../screen/present.ts';
import type { Screen } from '../screen/screen.ts';
import { onEndSignals } from '../signals.ts';
import type { StartCommand } from './start-command.ts';

/** Resolves with the exit code. */
export async function attachStart(session: RemoteSession, target: Target, command: StartCommand): Promise<number | Undecided> {
  const { order, shown, context, detach } = command;
  const stack = await loadTarget(target, context);
  if (!stack.ok) {
    session.close();
    return finishStart(shown, stack.failure);
  }
  const { plan } = planStart(target, stack.value, order);
  const left = new AbortController();
  const off = onEndSignals({ clock: context.machine.clock, survivesHangUp: context.survivesHangUp }, (signal) =>
    left.abort(exitCodeOfSignal(signal)),
  );
  shown.out.closed.addEventListener('abort', () => left.abort(0), { once: true });
  left.signal.addEventListener('abort', () => session.close(), { once: true });
  const { pid, startedAtMs } = session.holder;
  const age = formatDuration(context.machine.clock.wallTime() - startedAtMs);
  if (!shown.json) await shown.err.write(`${stack.value.name} is already running (pid ${pid}, for ${age}); starting what is missing\n`);
  if (!shown.json && command.exitOnFailure) await shown.err.write(NO_EFFECT_HERE);
  const services = await withoutReady(session, shownServices(stack.value.services, plan));
  const planned = plannedNames(plan);
  // A start of named services shows only the output of these and their dependencies.
  const only = order.services === null ? {} : { only: new Set(planned) };
  const presentation = present(session, shown, context, { services, logs: !detach, tree: detach, counted: true, ...only });
  const reply = await sendStart(session, order, context.machine);
  await catchUp(session, presentation, context);
  await presentation.started();
  if (reply.ok) await printReply(reply.value, shown);
  let ended: SessionFailure | null = null;
  if (reply.ok && !detach) {
    const { length } = planned;
    presentation.say(`following the logs of ${length} ${length === 1 ? 'service' : 'services'} · Ctrl-C leaves them running\n`);
    ended = await presentation.over;
  }
  await presentation.leave();
  session.close();
  off();
  if (ended) return finishStart(shown, ended.told && !shown.json ? null : ended.failure, ended.exitCode);
  if (reply.ok) return finishStart(shown, null);
  if (left.signal.aborted) {
    await shown.err.write('detached; the start continues without this terminal (devup status, devup stop)\n');
    return finishStart(shown, null, Number(left.signal.reason));
  }
  const others = order.keepGoing ? presentation.failures() : [];
  if (!isPassing(reply.failure)) return finishStart(shown, reply.failure, undefined, others);
  if (!shown.json) await shown.err.write('the session is ending; waiting for it\n');
  await untilLockLeaves(target, session.holder.pid, context);
  return 'undecided';
}

const NO_EFFECT_HERE = '--exit-on-failure only takes effect when a session begins: it changes nothing for this one\n';

/** The order's services without those that are ready already, since no event about these will come. */
async function withoutReady(session: Session, services: readonly ShownService[]): Promise<readonly ShownService[]> {
  const snapshot = await session.snapshot();
  const up = new Set(snapshot.ok ? snapshot.value.services.filter(({ state }) => countsAsReady(state)).map(({ name }) => name) : []);
  return services.map((service) => ({ ...service, planned: service.planned && !up.has(service.name) }));
}

/** Waits until all events before the reply are shown, since events and replies arrive on different connections. */
export async function catchUp(session: Session, presentation: Presentation, context: Context): Promise<void> {
  const snapshot = await session.snapshot();
  if (!snapshot.ok) return;
  const caughtUp = new AbortController();
  const limit = context.machine.clock.sleep(CATCH_UP_MS, caughtUp.signal).catch(() => undefined);
  await Promise.race([presentation.upTo(snapshot.value.seq), limit]);
  caughtUp.abort();
  await limit;
}

const CATCH_UP_MS = 1000;

/** Prints the services that were started, and for each service that differs from the config, the command to type. */
async function printReply(reply: Reply, shown: Screen): Promise<void> {
  if (shown.json) return;
  const paint = painter(shown.errColour);
  const lines = [
    ...reply.changed.map((name) => `${paint('yellow', '!')} ${name} runs with an older config. Type: devup restart ${name}\n`),
    ...reply.removed.map(
      (name) => `${paint('yellow', '!')} ${name} is no longer in the config, but still runs. Type: devup stop ${name}\n`,
    ),
    reply.started.length === 0 ? 'nothing was missing\n' : `started ${reply.started.join(', ')}\n`,
  ];
  await shown.err.write(lines.join(''));
}
