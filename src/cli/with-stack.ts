/**
 * A command of the user's with the stack around it: in the session that runs, or in one of our own.
 *
 *   start what is missing ──▶ the command, alone with the terminal and its signals ──▶ stop what was started
 *        a signal undoes it           a service that fails ends it                      a signal hurries it
 */

import type { TerminalCommand } from '../app/run/terminal-command.ts';
import type { OwnSession } from '../app/session/begin.ts';
import { beginInOwnProcess } from '../app/session/own-process.ts';
import { isPassing, RETRY } from '../app/session/retry.ts';
import { connectTarget, type Target } from '../app/target.ts';
import type { RemoteSession } from '../control/remote-session.ts';
import { failureOf } from '../model/ending.ts';
import type { Event } from '../model/event.ts';
import type { Failure, FailureCode } from '../model/failure.ts';
import { GRACE_MS } from '../model/graces.ts';
import { buildPlan } from '../model/plan.ts';
import type { Stack } from '../model/service.ts';
import { isOver } from '../model/service-state.ts';
import type { Session, StartOrder } from '../model/session.ts';
import { end } from '../processes/end.ts';
import { Tree } from '../processes/tree.ts';
import { askOn } from './ask.ts';
import type { Context } from './context.ts';
import { done } from './done.ts';
import { exitCodeOfEnding, exitCodeOfSignal } from './exit-code.ts';
import { lineServices, present } from './present.ts';
import { REPORTING } from './reporting.ts';
import type { Screen } from './screen.ts';
import { onEndSignals } from './signals.ts';
import { sendStart } from './start-request.ts';

export interface Job {
  readonly target: Target;
  readonly stack: Stack;
  readonly request: StartOrder;
  readonly shown: Screen;
  readonly context: Context;
  readonly begin: () => TerminalCommand;
}

/** Resolves with the command's exit code, or that of what kept it from running or ended it; `AGAIN` as `start` does. */
export async function runWithStack(job: Job): Promise<number | typeof RETRY> {
  const { target, stack, shown, context } = job;
  const running = await connectTarget(target, context);
  if (running.ok) return runAttached(running.value, job);
  if (running.failure.code !== 'E401') return isPassing(running.failure) ? RETRY : done(shown, running.failure);
  const asking = new AbortController();
  const ask = shown.interactive ? askOn(shown, context, asking.signal) : null;
  const own = await beginInOwnProcess(target, stack, context, { reporting: REPORTING, ask, colour: false, trace: null, force: false });
  if (!own.ok) return done(shown, own.failure);
  if (own.value === 'held') return RETRY;
  void own.value.supervisor.ended.then(() => asking.abort());
  return runInOwn(own.value, job);
}

async function runInOwn({ supervisor, close }: OwnSession, job: Job): Promise<number> {
  let commandRuns = false;
  const off = onEndSignals((signal) => {
    if (!commandRuns) void supervisor.shutdown(supervisor.ending ? 'kill' : 'ordered', { why: 'signal', signal });
  });
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  const outcome = await runOn(supervisor, job, (runs) => {
    commandRuns = runs;
  });
  const interrupted = supervisor.ending;
  const ending = await supervisor.shutdown('ordered', { why: 'order' });
  off();
  await close();
  const endingCode = exitCodeOfEnding(ending);
  if (interrupted && endingCode !== 0) return done(job.shown, failureOf(ending), endingCode);
  if (outcome.failure) return done(job.shown, outcome.failure, outcome.exitCode);
  return done(job.shown, failureOf(ending), endingCode || outcome.exitCode);
}

async function runAttached(session: RemoteSession, job: Job): Promise<number | typeof RETRY> {
  const missing = await missingIn(session, job);
  let commandRuns = false;
  let interrupted: number | null = null;
  const undo = async (names: readonly string[]) => {
    const present = await session.snapshot();
    const known = new Set(present.ok ? present.value.services.map(({ name }) => name) : []);
    const services = names.filter((name) => known.has(name));
    return services.length === 0 ? null : session.send({ type: 'stop', services, withDependents: false });
  };
  const off = onEndSignals((signal) => {
    if (commandRuns) return;
    // The second one does not wait for the session any more.
    if (interrupted !== null) session.close();
    else void undo(missing);
    interrupted ??= exitCodeOfSignal(signal);
  });
  const outcome = await runOn(session, job, (runs) => {
    commandRuns = runs;
  });
  const stopped = await undo(interrupted === null ? outcome.started : missing);
  session.close();
  off();
  if (interrupted !== null) return done(job.shown, null, interrupted);
  if (outcome.failure && isPassing(outcome.failure) && !outcome.ran) return RETRY;
  if (outcome.failure) return done(job.shown, outcome.failure, outcome.exitCode);
  return done(job.shown, stopped && !stopped.ok && !isPassing(stopped.failure) ? stopped.failure : null, outcome.exitCode || undefined);
}

/** What a start would begin. */
async function missingIn(session: Session, { stack, request }: Job): Promise<readonly string[]> {
  const snapshot = await session.snapshot();
  const states = new Map(snapshot.ok ? snapshot.value.services.map(({ name, state }) => [name, state]) : []);
  const names = buildPlan(stack.services, request).services.map(({ service }) => service.name);
  return names.filter((name) => isOver(states.get(name) ?? 'stopped'));
}

interface Outcome {
  readonly ran: boolean;
  readonly exitCode: number | undefined;
  readonly failure: Failure | null;
  readonly started: readonly string[];
}

async function runOn(session: Session, job: Job, commandRuns: (runs: boolean) => void): Promise<Outcome> {
  const { stack, request, shown, context } = job;
  const over = new AbortController();
  // From before the start, so that nothing falls between it and the command.
  const events = session.events({ signal: over.signal, without: 'output' });
  const services = lineServices(stack.services, request);
  const presentation = present(session, shown, context, { services, logs: false, tree: true });
  const reply = await sendStart(session, request, context.machine);
  await presentation.leave();
  if (!reply.ok) {
    over.abort();
    return { ran: false, exitCode: undefined, failure: reply.failure, started: [] };
  }
  const { started } = reply.value;
  commandRuns(true);
  const command = job.begin();
  const needed = new Set(buildPlan(stack.services, request).services.map(({ service }) => service.name));
  const lost = firstFailure(events, needed);
  const first = await Promise.race([command.exitCode, lost]);
  if (typeof first === 'object' && first !== null) await endCommand(command, context);
  const exitCode = await command.exitCode;
  commandRuns(false);
  over.abort();
  const failure = typeof first === 'object' ? first : null;
  return { ran: true, exitCode: failure ? 7 : exitCode, failure, started };
}

/** The session is lost, or ends because of an error that nobody expected. */
const ENDS_ALL: ReadonlySet<FailureCode> = new Set(['E306', 'E410', 'E470']);

/** Resolves with the failure of the first needed service that fails; null when the events end otherwise. */
async function firstFailure(events: AsyncIterable<Event>, needed: ReadonlySet<string>): Promise<Failure | null> {
  for await (const event of events) {
    if (event.type === 'state' && event.state === 'failed' && needed.has(event.service) && event.problem) return event.problem;
    if (event.type === 'notice' && event.notice.kind === 'failure' && ENDS_ALL.has(event.notice.failure.code)) return event.notice.failure;
  }
  return null;
}

/** And what it started: `npm test` does not take its children along. */
async function endCommand({ pid }: TerminalCommand, { machine }: Context): Promise<void> {
  const row = pid === null ? null : await machine.process(pid);
  if (row) await end(machine, new Tree(machine, [row]), { signal: 'SIGTERM', graceMs: GRACE_MS.command });
}
