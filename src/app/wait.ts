/** Waits until services are ready; never starts anything. Without a session it waits for one. */
import type { RemoteSession } from '../control/remote-session.ts';
import type { Clock } from '../machine/machine.ts';
import type { Failure } from '../model/failure.ts';
import { countsAsReady } from '../model/service-state.ts';
import type { Snapshot } from '../model/session.ts';
import { readDebugged } from '../processes/debug-record.ts';
import type { AppContext } from './context.ts';
import { isPassing } from './session/retry.ts';
import { connectTarget, type Target } from './target.ts';

const NO_SESSION_PAUSE_MS = 100;

export type WaitOutcome =
  | { readonly kind: 'ready' }
  /** A service has failed, or the timeout has passed (E114). */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The session does not answer. */
  | { readonly kind: 'unreachable'; readonly failure: Failure };

export async function awaitServices(
  target: Target,
  names: readonly string[],
  timeoutMs: number,
  context: AppContext,
): Promise<WaitOutcome> {
  const { clock } = context.machine;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const session = await connectTarget(target, context);
    if (session.ok) {
      const failure = await waitOn(session.value, { names, timeoutMs, deadline }, clock);
      session.value.close();
      if (failure === null) return { kind: 'ready' };
      if (failure !== 'lost') return { kind: 'failed', failure: await withDebugged(failure, target, context) };
    } else if (!isPassing(session.failure)) return { kind: 'unreachable', failure: session.failure };
    if (clock.now() >= deadline) {
      const failure: Failure = { code: 'E114', kind: 'start-timeout', timeoutMs, waitingFor: names, problems: [] };
      return { kind: 'failed', failure: await withDebugged(failure, target, context) };
    }
    await clock.sleep(NO_SESSION_PAUSE_MS);
  }
}

/** A wait that was too short names the services that are being debugged. */
async function withDebugged(failure: Failure, { folder }: Target, { machine }: AppContext): Promise<Failure> {
  if (failure.code !== 'E114') return failure;
  const services = (await readDebugged(machine, folder)).filter(({ service }) => failure.waitingFor.includes(service));
  if (services.length === 0) return failure;
  return { ...failure, problems: [...failure.problems, { code: 'E118', kind: 'being-debugged', services, waiting: [], kept: [] }] };
}

interface Wait {
  readonly names: readonly string[];
  /** The whole time that was given, for the failure. */
  readonly timeoutMs: number;
  readonly deadline: number;
}

/** Null when all are ready. `lost`: the session has ended; another may begin. */
async function waitOn(session: RemoteSession, { names, timeoutMs, deadline }: Wait, clock: Clock): Promise<Failure | null | 'lost'> {
  const over = new AbortController();
  // Subscribe before the first snapshot, so that no event is missed.
  const events = session.events({ signal: over.signal, without: 'output' })[Symbol.asyncIterator]();
  const timer = clock.sleep(Math.max(0, deadline - clock.now()), over.signal).then(
    () => over.abort(),
    () => undefined,
  );
  const states = new Map<string, { readonly state: string; readonly problem: Failure | null }>();
  const note = (snapshot: Snapshot) => {
    for (const service of snapshot.services) states.set(service.name, service);
  };
  const missing = () =>
    names.filter((name) => !countsAsReady((states.get(name)?.state ?? 'stopped') as Snapshot['services'][number]['state']));
  const timedOut = (): Failure => {
    const problems = missing().flatMap((name) => states.get(name)?.problem ?? []);
    return { code: 'E114', kind: 'start-timeout', timeoutMs, waitingFor: missing(), problems };
  };
  const failed = () => names.map((name) => states.get(name)).find((known) => known?.state === 'failed');
  const verdict = () => (missing().length === 0 ? null : failed()?.problem);
  try {
    const first = await session.snapshot();
    if (!first.ok) return 'lost';
    note(first.value);
    for (let answer = verdict(); ; answer = verdict()) {
      if (answer !== undefined) return answer;
      const next = await events.next();
      if (next.done) return over.signal.aborted ? timedOut() : 'lost';
      const event = next.value;
      if (event.type === 'state') states.set(event.service, event);
      if (event.type === 'done') return 'lost';
      if (event.type === 'gap') {
        const snapshot = await session.snapshot();
        if (snapshot.ok) note(snapshot.value);
      }
    }
  } finally {
    over.abort();
    await timer;
  }
}
