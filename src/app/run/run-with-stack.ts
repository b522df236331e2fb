/**
 * Runs a user's command with the stack, in the running session or in one of its own.
 *
 *   start missing services ──▶ run the command, which gets terminal and signals ──▶ stop the started services
 *     a signal undoes it          a failed service ends it                            a signal speeds it up
 */

import type { RemoteSession } from '../../control/remote-session.ts';
import { type Ending, type EndSignal, endedWell, isUncaught } from '../../model/ending.ts';
import type { Event } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import { GRACE_MS } from '../../model/graces.ts';
import type { Reporting } from '../../model/reporting.ts';
import { isOver } from '../../model/service-state.ts';
import type { AskConflict, Session } from '../../model/session.ts';
import { end } from '../../processes/end.ts';
import { Tree } from '../../processes/tree.ts';
import type { AppContext } from '../context.ts';
import type { OwnSession } from '../session/begin.ts';
import { beginInOwnProcess } from '../session/own-process.ts';
import { isPassing, type Undecided } from '../session/retry.ts';
import { type PlannedStart, plannedNames, sendStart } from '../session/start.ts';
import { connectTarget } from '../target.ts';
import type { CommandExit, TerminalCommand } from './terminal-command.ts';

export interface StackRun {
  readonly start: PlannedStart;
  readonly command: () => TerminalCommand;
  readonly reporting: Reporting;
  /** Returns how to ask about holders of ports, or null without a terminal. `over` withdraws the question. */
  readonly ask: (over: AbortSignal) => AskConflict | null;
  /** Calls `handle` on each signal that asks this process to end. Returns how to stop. */
  readonly onEndSignals: (handle: (signal: EndSignal) => void) => () => void;
  /** Called when a session has begun in this process. */
  readonly onOwnSession: () => void;
  /** Displays the start. The returned function ends the display. */
  readonly show: (session: Session) => () => Promise<void>;
}

export type StackRunEnd =
  /** `failure`: the started services could not be stopped. */
  | { readonly kind: 'exited'; readonly exit: CommandExit; readonly failure: Failure | null }
  /** The command did not run. */
  | { readonly kind: 'not-started'; readonly failure: Failure }
  /** A needed service failed, which ended the command. */
  | { readonly kind: 'service-failed'; readonly failure: Failure }
  | { readonly kind: 'interrupted'; readonly signal: EndSignal }
  /** The session of this process ended with a failure. */
  | { readonly kind: 'session-ended'; readonly ending: Ending };

/** `undecided`: the attempt should be repeated, see `session/retry.ts`. */
export async function runWithStack(run: StackRun, context: AppContext): Promise<StackRunEnd | Undecided> {
  const { target, stack } = run.start;
  const running = await connectTarget(target, context);
  if (running.ok) return runAttached(running.value, run, context);
  if (running.failure.code !== 'E401') return isPassing(running.failure) ? 'undecided' : { kind: 'not-started', failure: running.failure };
  const asking = new AbortController();
  const { reporting } = run;
  const own = await beginInOwnProcess(target, stack, context, {
    reporting,
    ask: run.ask(asking.signal),
    colour: false,
    trace: null,
    force: false,
  });
  if (!own.ok) return { kind: 'not-started', failure: own.failure };
  if (own.value === 'held') return 'undecided';
  void own.value.supervisor.ended.then(() => asking.abort());
  return runInOwn(own.value, run, context);
}

async function runInOwn({ supervisor, close }: OwnSession, run: StackRun, context: AppContext): Promise<StackRunEnd> {
  run.onOwnSession();
  let commandRuns = false;
  const off = run.onEndSignals((signal) => {
    if (!commandRuns) void supervisor.shutdown(supervisor.ending ? 'kill' : 'ordered', { why: 'signal', signal });
  });
  const outcome = await runOn(supervisor, run, context, (runs) => {
    commandRuns = runs;
  });
  const interrupted = supervisor.ending;
  const ending = await supervisor.shutdown('ordered', { why: 'order' });
  await close();
  off();
  if (!endedWell(ending) && (interrupted || outcome.kind === 'exited')) return { kind: 'session-ended', ending };
  return outcome.kind === 'exited' ? { kind: 'exited', exit: outcome.exit, failure: null } : outcome;
}

async function runAttached(session: RemoteSession, run: StackRun, context: AppContext): Promise<StackRunEnd | Undecided> {
  const missing = await missingIn(session, run.start);
  let commandRuns = false;
  let interrupted: EndSignal | null = null;
  const undo = async (names: readonly string[]) => {
    const present = await session.snapshot();
    const known = new Set(present.ok ? present.value.services.map(({ name }) => name) : []);
    const services = names.filter((name) => known.has(name));
    return services.length === 0 ? null : session.send({ type: 'stop', services, withDependents: false });
  };
  const off = run.onEndSignals((signal) => {
    if (commandRuns) return;
    // A second signal does not wait for the session.
    if (interrupted !== null) session.close();
    else void undo(missing);
    interrupted ??= signal;
  });
  const outcome = await runOn(session, run, context, (runs) => {
    commandRuns = runs;
  });
  const stopped = await undo(interrupted === null ? startedBy(outcome, missing) : missing);
  session.close();
  off();
  if (interrupted !== null) return { kind: 'interrupted', signal: interrupted };
  if (outcome.kind === 'not-started' && isPassing(outcome.failure)) return 'undecided';
  if (outcome.kind !== 'exited') return outcome;
  const failure = stopped && !stopped.ok && !isPassing(stopped.failure) ? stopped.failure : null;
  return { kind: 'exited', exit: outcome.exit, failure };
}

/** A start that failed has been undone, unless it only found a debugged service. */
function startedBy(outcome: Outcome, missing: readonly string[]): readonly string[] {
  if (outcome.kind !== 'not-started') return outcome.started;
  return outcome.failure.code === 'E118' ? missing : [];
}

/** Names of the planned services that do not run. */
async function missingIn(session: Session, { plan }: PlannedStart): Promise<readonly string[]> {
  const snapshot = await session.snapshot();
  const states = new Map(snapshot.ok ? snapshot.value.services.map(({ name, state }) => [name, state]) : []);
  return plannedNames(plan).filter((name) => isOver(states.get(name) ?? 'stopped'));
}

type Outcome =
  | { readonly kind: 'not-started'; readonly failure: Failure }
  | { readonly kind: 'service-failed'; readonly failure: Failure; readonly started: readonly string[] }
  | { readonly kind: 'exited'; readonly exit: CommandExit; readonly started: readonly string[] };

async function runOn(session: Session, run: StackRun, context: AppContext, commandRuns: (runs: boolean) => void): Promise<Outcome> {
  const { order, plan } = run.start;
  const over = new AbortController();
  // Subscribed before the start, so that no failure is missed before the command runs.
  const events = session.events({ signal: over.signal, without: 'output' });
  const hide = run.show(session);
  const reply = await sendStart(session, order, context.machine);
  await hide();
  if (!reply.ok) {
    over.abort();
    return { kind: 'not-started', failure: reply.failure };
  }
  const { started } = reply.value;
  commandRuns(true);
  const command = run.command();
  const failure = await Promise.race([command.exit.then(() => null), firstFailure(events, new Set(plannedNames(plan)))]);
  if (failure) await endCommand(command, context);
  const exit = await command.exit;
  commandRuns(false);
  over.abort();
  return failure ? { kind: 'service-failed', failure, started } : { kind: 'exited', exit, started };
}

/** Resolves with the failure of the first needed service that fails; null when the events end without one. */
async function firstFailure(events: AsyncIterable<Event>, needed: ReadonlySet<string>): Promise<Failure | null> {
  for await (const event of events) {
    if (event.type === 'state' && event.state === 'failed' && needed.has(event.service) && event.problem) return event.problem;
    if (event.type === 'notice' && event.notice.kind === 'failure') {
      const { failure } = event.notice;
      // E410: the connection to the session is lost.
      if (failure.code === 'E410' || isUncaught(failure)) return failure;
    }
  }
  return null;
}

/** Ends the whole process tree: `npm test` does not end its own children. */
async function endCommand({ pid }: TerminalCommand, { machine }: AppContext): Promise<void> {
  const row = pid === null ? null : await machine.process(pid);
  if (row) await end(machine, new Tree(machine, [row]), { signal: 'SIGTERM', graceMs: GRACE_MS.command });
}
