/** The launched process: reports to its launcher on fd 3 until the start has an outcome, and then runs on without it. */
import { OutputDecoder } from '../../control/protocol.ts';
import { reportTo } from '../../control/report.ts';
import { type Ending, failureOf } from '../../model/ending.ts';
import type { DoneEvent, Event } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import type { Reporting } from '../../model/reporting.ts';
import type { Result } from '../../model/result.ts';
import { withoutSecrets } from '../../model/secrets.ts';
import type { FileWarning } from '../../model/service.ts';
import type { AskConflict } from '../../model/session.ts';
import { shownServices } from '../../model/shown-service.ts';
import type { Supervisor } from '../../supervisor/supervisor.ts';
import type { AppContext } from '../context.ts';
import type { Tracing } from '../tracing.ts';
import { endWithServices } from './end-with-services.ts';
import { YES } from './launch.ts';
import { beginInOwnProcess } from './own-process.ts';
import { type PlannedStart, sendStart, staysAfter } from './start.ts';

const REPORT_FD = 3;

export interface LaunchedOptions {
  readonly reporting: Reporting;
  /** Odd places of env files, found while the config was read; the launcher prints it. */
  readonly warnings: readonly FileWarning[];
  readonly tracing: Tracing;
  readonly force: boolean;
  readonly endOnFirstFailure: boolean;
  /** Called when the session has begun. */
  readonly onBegun: (supervisor: Supervisor) => void;
}

export type LaunchedOutcome =
  /** The outcome was reported to the launcher, and no session runs. */
  | { readonly kind: 'reported'; readonly failure: Failure | null }
  /** The start succeeded and the session ended later, when no launcher was listening. */
  | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * Lines on fd 3: the warnings, the services, then events as on the control socket. The last line is the event `done` of the
 * start, with the failure, if
 * any, and whether this process ends. The first line is sent when the config is read.
 */
export async function superviseLaunched(
  start: Result<PlannedStart, Failure>,
  context: AppContext,
  options: LaunchedOptions,
): Promise<LaunchedOutcome> {
  const { reporting, tracing, force } = options;
  const reporter = reportTo(REPORT_FD);
  const finish = async (failure: Failure | null, { seq, ends } = { seq: 0, ends: true }): Promise<LaunchedOutcome> => {
    const exitCode = failure ? reporting.exitCode({ why: 'failure', failure }) : 0;
    const event: DoneEvent = { type: 'done', seq, atMs: context.machine.clock.wallTime(), ok: failure === null, exitCode, failure };
    await reporter.end(JSON.stringify({ ...withoutSecrets(event, context.secrets), ends }));
    return { kind: 'reported', failure };
  };
  for (const warning of options.warnings) await reporter.line(JSON.stringify({ type: 'warning', warning }));
  if (!start.ok) return finish(start.failure);
  const { target, stack, order, plan } = start.value;
  await reporter.line(JSON.stringify({ type: 'services', services: shownServices(stack.services, plan) }));
  // The launcher may have a terminal to ask on.
  const ask: AskConflict = async (holders) => (await reporter.ask(JSON.stringify({ type: 'ask', holders }))) === YES;
  const begun = await tracing.time('begin the session', () =>
    beginInOwnProcess(target, stack, context, { reporting, ask, colour: false, trace: tracing.trace, force }),
  );
  if (!begun.ok) return finish(begun.failure);
  if (begun.value === 'held') {
    // Another launcher began the session, so the launcher of this process will connect to it.
    await reporter.line(JSON.stringify({ type: 'held' }));
    return finish({ code: 'E402', kind: 'session-not-answering', stack: stack.name, pid: null, how: 'silent' });
  }
  const { supervisor, close } = begun.value;
  options.onBegun(supervisor);
  const forwarder = new EventForwarder(supervisor.events({ since: 0 }), context.secrets, reporter.line);
  let decided = false;
  void reporter.gone.then(() => {
    const failure: Failure = { code: 'E115', kind: 'start-cancelled', by: null };
    if (!decided) void supervisor.shutdown('ordered', { why: 'failure', failure });
  });
  const reply = await tracing.time('start', () => sendStart(supervisor, order, context.machine));
  tracing.write();
  if (reply.ok) await reporter.line(JSON.stringify({ type: 'path', path: reply.value.path }));
  if (!staysAfter(reply, order, supervisor)) await supervisor.shutdown('ordered', { why: 'order' });
  await forwarder.upTo(supervisor.eventLog.lastSeq);
  decided = true;
  const early = supervisor.ending ? await supervisor.ended : null;
  if (early) await close();
  const failure = reply.ok ? early && failureOf(early) : reply.failure;
  const reported = await finish(failure, { seq: supervisor.eventLog.lastSeq + 1, ends: early !== null });
  if (early) return reported;
  if (options.endOnFirstFailure) await endWithServices(supervisor, { named: new Set(order.services), onFirstFailure: true });
  const ending = await supervisor.ended;
  await close();
  return { kind: 'ended', ending };
}

/** Forwards the events of the start to the launcher. */
class EventForwarder {
  #last = Number.POSITIVE_INFINITY;
  #forwarded = 0;
  #reached: () => void = () => undefined;
  readonly #over: Promise<void>;

  constructor(events: AsyncIterable<Event>, secrets: Iterable<string>, line: (text: string) => Promise<void>) {
    this.#over = this.#forward(events, secrets, line);
  }

  /** Resolves when the event `seq` is forwarded; later events are not. */
  async upTo(seq: number): Promise<void> {
    this.#last = seq;
    if (this.#forwarded >= seq) return;
    await Promise.race([
      this.#over,
      new Promise<void>((resolve) => {
        this.#reached = resolve;
      }),
    ]);
  }

  async #forward(events: AsyncIterable<Event>, secrets: Iterable<string>, line: (text: string) => Promise<void>): Promise<void> {
    const decoder = new OutputDecoder();
    for await (const event of events) {
      if (event.seq > this.#last) return;
      if (event.type !== 'done')
        await line(JSON.stringify(event.type === 'output' ? decoder.decode(event) : withoutSecrets(event, secrets)));
      this.#forwarded = event.seq;
      if (event.seq >= this.#last) {
        this.#reached();
        return;
      }
    }
  }
}
