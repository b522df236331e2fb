/**
 * A command of the user's with the stack around it: in the session that runs, or in one of our own.
 *
 *   start what is missing ──▶ the command, alone with the terminal and its signals ──▶ stop what was started
 *        a signal undoes it           a service that fails ends it                      a signal hurries it
 */

import type { RemoteSession } from '../../control/remote-session.ts';
import { type Ending, type EndSignal, endedWell } from '../../model/ending.ts';
import type { Event } from '../../model/event.ts';
import type { Failure, FailureCode } from '../../model/failure.ts';
import { GRACE_MS } from '../../model/graces.ts';
import { isOver } from '../../model/service-state.ts';
import type { AskConflict, Session } from '../../model/session.ts';
import { end } from '../../processes/end.ts';
import { Tree } from '../../processes/tree.ts';
import type { AppContext } from '../context.ts';
import type { OwnSession, Reporting } from '../session/begin.ts';
import { beginInOwnProcess } from '../session/own-process.ts';
import { isPassing, type Undecided } from '../session/retry.ts';
import { type PlannedStart, plannedNames, sendStart } from '../session/start.ts';
import { connectTarget } from '../target.ts';
import type { CommandExit, TerminalCommand } from './terminal-command.ts';

export interface StackRun {
  readonly start: PlannedStart;
  readonly command: () => TerminalCommand;
  readonly reporting: Reporting;
  /** Makes the question about holders of ports, which `over` takes back; null: nobody can be asked. */
  readonly ask: (over: AbortSignal) => AskConflict | null;
  /** Calls back at each signal that asks us to end, until the returned function is called. */
  readonly onEndSignals: (handle: (signal: EndSignal) => void) => () => void;
  /** Called when the session has begun in this process. */
  readonly onOwnSession: () => void;
  /** Shows the start in a session; what it returns is called when the start is over. */
  readonly show: (session: Session) => () => Promise<void>;
}

export type StackRunEnd =
  /** `failure`: what was started could not be stopped again. */
  | { readonly kind: 'exited'; readonly exit: CommandExit; readonly failure: Failure | null }
  /** The command did not run. */
  | { readonly kind: 'not-started'; readonly failure: Failure }
  /** A service that it needs failed, which ended it. */
  | { readonly kind: 'service-failed'; readonly failure: Failure }
  | { readonly kind: 'interrupted'; readonly signal: EndSignal }
  /** Our own session ended otherwise than intended. */
  | { readonly kind: 'session-ended'; readonly ending: Ending };

/** `undecided`: as for a start. */
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
  off();
  await close();
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
    // The second one does not wait for the session any more.
    if (interrupted !== null) session.close();
    else void undo(missing);
    interrupted ??= signal;
  });
  const outcome = await runOn(session, run, context, (runs) => {
    commandRuns = runs;
  });
  const stopped = await undo(interrupted === null ? (outcome.kind === 'not-started' ? [] : outcome.started) : missing);
  session.close();
  off();
  if (interrupted !== null) return { kind: 'interrupted', signal: interrupted };
  if (outcome.kind === 'not-started' && isPassing(outcome.failure)) return 'undecided';
  if (outcome.kind !== 'exited') return outcome;
  const failure = stopped && !stopped.ok && !isPassing(stopped.failure) ? stopped.failure : null;
  return { kind: 'exited', exit: outcome.exit, failure };
}

/** What a start would begin. */
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
  // From before the start, so that nothing falls between it and the command.
  const events = session.events({ signal: over.signal, without: 'output' });
  const leave = run.show(session);
  const reply = await sendStart(session, order, context.machine);
  await leave();
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
async function endCommand({ pid }: TerminalCommand, { machine }: AppContext): Promise<void> {
  const row = pid === null ? null : await machine.process(pid);
  if (row) await end(machine, new Tree(machine, [row]), { signal: 'SIGTERM', graceMs: GRACE_MS.command });
}
