/** The supervisor's side of `devup start -d`: it reports to its launcher on fd 3 until the start is decided, then lives on alone. */

import { endWithServices } from '../app/session/end-with-services.ts';
import { beginInOwnProcess } from '../app/session/own-process.ts';
import { findTarget, loadTarget, type Target } from '../app/target.ts';
import type { Tracing } from '../app/tracing.ts';
import { OutputDecoder } from '../control/protocol.ts';
import { reportTo } from '../control/report.ts';
import { failureOf } from '../model/ending.ts';
import type { DoneEvent, Event } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import { withoutSecrets } from '../model/secrets.ts';
import type { Stack } from '../model/service.ts';
import type { AskConflict, StartOrder } from '../model/session.ts';
import type { Context, Flags, Parsed } from './context.ts';
import { done } from './done.ts';
import { exitCodeOf, exitCodeOfEnding } from './exit-code.ts';
import { YES } from './launch-detached.ts';
import { lineServices } from './present.ts';
import { REPORTING } from './reporting.ts';
import { type Screen, screen } from './screen.ts';
import { superviseSignals } from './signals.ts';
import { sendStart, startRequest, startTracing } from './start-request.ts';
import { configFlag } from './values.ts';

const REPORT_FD = 3;

/** Its working directory is already what `-C` said. Nothing is told before the config was read. */
export async function launched(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const request = startRequest(parsed, context);
  if (!request.ok) return done(shown, request.failure);
  const traced = startTracing(context);
  const stack = await traced.time('read the config', () => loadTarget(target.value, context));
  return supervise(target.value, stack, request.value, parsed.flags, shown, context, traced);
}

/**
 * Lines on fd 3: the services, then events as on the control socket; the last one is the start's own `done`, with its
 * failure, and whether we end.
 */
async function supervise(
  target: Target,
  stack: Result<Stack, Failure>,
  request: StartOrder,
  flags: Flags,
  shown: Screen,
  context: Context,
  traced: Tracing,
): Promise<number> {
  const reporter = reportTo(REPORT_FD);
  const finish = async (failure: Failure | null, { seq, ends } = { seq: 0, ends: true }): Promise<number> => {
    const exitCode = failure ? exitCodeOf(failure) : 0;
    const event: DoneEvent = { type: 'done', seq, atMs: context.machine.clock.wallTime(), ok: failure === null, exitCode, failure };
    await reporter.end(JSON.stringify({ ...withoutSecrets(event, context.secrets), ends }));
    return exitCode;
  };
  if (!stack.ok) return finish(stack.failure);
  await reporter.line(JSON.stringify({ type: 'services', services: lineServices(stack.value.services, request) }));
  // Whoever started us may sit at a terminal.
  const ask: AskConflict = async (holders) => (await reporter.ask(JSON.stringify({ type: 'ask', holders }))) === YES;
  const begun = await traced.time('begin the session', () =>
    beginInOwnProcess(target, stack.value, context, {
      reporting: REPORTING,
      ask,
      colour: false,
      trace: traced.trace,
      force: flags['force'] === true,
    }),
  );
  if (!begun.ok) return finish(begun.failure);
  if (begun.value === 'held') {
    // Another launcher was quicker: ours is told to look at that one's session.
    await reporter.line(JSON.stringify({ type: 'held' }));
    return finish({ code: 'E402', kind: 'session-not-answering', stack: stack.value.name, pid: null });
  }
  const { supervisor, close } = begun.value;
  superviseSignals(supervisor);
  const teller = new Teller(supervisor.events({ since: 0 }), context.secrets, reporter.line);
  let decided = false;
  void reporter.gone.then(() => {
    if (!decided)
      void supervisor.shutdown('ordered', {
        why: 'failure',
        failure: { code: 'E115', kind: 'start-cancelled', by: 'its launcher, which went away' },
      });
  });
  const reply = await traced.time('start', () => sendStart(supervisor, request, context.machine));
  traced.write();
  if (reply.ok) await reporter.line(JSON.stringify({ type: 'path', path: reply.value.path }));
  const stays = reply.ok || (request.keepGoing && [...supervisor.actors.values()].some(({ active }) => active));
  if (!stays) await supervisor.shutdown('ordered', { why: 'order' });
  await teller.upTo(supervisor.eventLog.lastSeq);
  decided = true;
  const early = supervisor.ending ? await supervisor.ended : null;
  if (early) await close();
  const failure = reply.ok ? early && failureOf(early) : reply.failure;
  const exitCode = await finish(failure, { seq: supervisor.eventLog.lastSeq + 1, ends: early !== null });
  if (early) return exitCode;
  if (flags['exit-on-failure'] === true) await endWithServices(supervisor, { named: new Set(request.services), onFirstFailure: true });
  const ending = await supervisor.ended;
  await close();
  // Nobody waits for it any more: into the log of the supervisor.
  return done(shown, failureOf(ending), exitCodeOfEnding(ending));
}

/** Tells the launcher the events of the start, and no more. */
class Teller {
  #last = Number.POSITIVE_INFINITY;
  #told = 0;
  #reached: () => void = () => undefined;
  readonly #over: Promise<void>;

  constructor(events: AsyncIterable<Event>, secrets: Iterable<string>, line: (text: string) => Promise<void>) {
    this.#over = this.#tell(events, secrets, line);
  }

  /** Resolves when the event `seq` was told; later ones are not. */
  async upTo(seq: number): Promise<void> {
    this.#last = seq;
    if (this.#told >= seq) return;
    await Promise.race([
      this.#over,
      new Promise<void>((resolve) => {
        this.#reached = resolve;
      }),
    ]);
  }

  async #tell(events: AsyncIterable<Event>, secrets: Iterable<string>, line: (text: string) => Promise<void>): Promise<void> {
    const decoder = new OutputDecoder();
    for await (const event of events) {
      if (event.seq > this.#last) return;
      if (event.type !== 'done')
        await line(JSON.stringify(event.type === 'output' ? decoder.decode(event) : withoutSecrets(event, secrets)));
      this.#told = event.seq;
      if (event.seq >= this.#last) {
        this.#reached();
        return;
      }
    }
  }
}
