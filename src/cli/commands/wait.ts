/** `devup wait [service…]`: until all of them are ready; never starts anything. Without a session it waits for one. */

import { isPassing } from '../../app/session/retry.ts';
import { connectTarget, findTarget, loadTarget } from '../../app/target.ts';
import type { RemoteSession } from '../../control/remote-session.ts';
import type { Failure } from '../../model/failure.ts';
import { buildPlan, requestedServices, WHOLE_STACK } from '../../model/plan.ts';
import { countsAsReady } from '../../model/service-state.ts';
import type { Snapshot } from '../../model/session.ts';
import { unknownName } from '../../model/unknown-service.ts';
import type { Context, Parsed } from '../context.ts';
import { done, printJson } from '../done.ts';
import { exitCodeOf } from '../exit-code.ts';
import { screen } from '../screen.ts';
import { configFlag, durationFlag } from '../values.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const NO_SESSION_PAUSE_MS = 100;

export async function wait(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const unknown = unknownName(
    parsed.words,
    stack.value.services.map(({ name }) => name),
  );
  if (unknown) return done(shown, unknown);
  const request = { ...WHOLE_STACK, services: parsed.words.length > 0 ? parsed.words : null };
  const named = requestedServices(stack.value.services, request).map((service) => service.name);
  const names = request.services ? named : buildPlan(stack.value.services, request).services.map(({ service }) => service.name);
  const timeoutMs = durationFlag(parsed, 'timeout') ?? DEFAULT_TIMEOUT_MS;
  const { clock } = context.machine;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const session = await connectTarget(target.value, context);
    if (session.ok) {
      const failure = await waitOn(session.value, names, deadline - clock.now(), timeoutMs, context);
      session.value.close();
      if (failure !== 'lost') return shown.json && !failure ? printJson(shown, { ready: names }) : done(shown, failure, exitOf(failure));
    } else if (!isPassing(session.failure)) return done(shown, session.failure);
    if (clock.now() >= deadline) return done(shown, { code: 'E114', kind: 'start-timeout', timeoutMs, waitingFor: names });
    await clock.sleep(NO_SESSION_PAUSE_MS);
  }
}

/** Too late is 5, a service that failed for whatever reason is 7. */
function exitOf(failure: Failure | null): number {
  if (!failure) return 0;
  return exitCodeOf(failure) === 5 ? 5 : 7;
}

/** Null: all are ready. `lost`: the session ended meanwhile; another may begin. */
async function waitOn(
  session: RemoteSession,
  names: readonly string[],
  leftMs: number,
  timeoutMs: number,
  context: Context,
): Promise<Failure | null | 'lost'> {
  const over = new AbortController();
  // Listen before looking, so that nothing falls between.
  const events = session.events({ signal: over.signal, without: 'output' })[Symbol.asyncIterator]();
  const timer = context.machine.clock.sleep(Math.max(0, leftMs), over.signal).then(
    () => over.abort(),
    () => undefined,
  );
  const states = new Map<string, { readonly state: string; readonly problem: Failure | null }>();
  const note = (snapshot: Snapshot) => {
    for (const service of snapshot.services) states.set(service.name, service);
  };
  const missing = () =>
    names.filter((name) => !countsAsReady((states.get(name)?.state ?? 'stopped') as Snapshot['services'][number]['state']));
  const failed = () => names.map((name) => states.get(name)).find((known) => known?.state === 'failed');
  const verdict = () => (missing().length === 0 ? null : failed()?.problem);
  try {
    const first = await session.snapshot();
    if (!first.ok) return 'lost';
    note(first.value);
    for (let answer = verdict(); ; answer = verdict()) {
      if (answer !== undefined) return answer;
      const next = await events.next();
      if (next.done) return over.signal.aborted ? { code: 'E114', kind: 'start-timeout', timeoutMs, waitingFor: missing() } : 'lost';
      const event = next.value;
      if (event.type === 'state') states.set(event.service, event);
      if (event.type === 'done') return 'lost';
      if (event.type === 'gap') {
        const again = await session.snapshot();
        if (again.ok) note(again.value);
      }
    }
  } finally {
    over.abort();
    await timer;
  }
}
