/**
 * Frees ports. One pass identifies all holders and decides about them; then sessions stop their services, engines stop
 * their containers, and the rest is ended. A port is free when it can be bound.
 */

import type { Signal } from '../../machine/machine.ts';
import type { DebuggedService } from '../../model/debugger.ts';
import type { Failure } from '../../model/failure.ts';
import type { PortState } from '../../model/port.ts';
import type { KilledPort } from '../../model/port-report.ts';
import { ok, type Result } from '../../model/result.ts';
import type { Snapshot } from '../../model/session.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { busyPorts, waitFree } from '../../ports/probe.ts';
import { readDebugged } from '../../processes/debug-record.ts';
import { readRecord } from '../../processes/record.ts';
import { ownAncestors } from '../../processes/refuse.ts';
import type { AppContext } from '../context.ts';
import { memberAccordingTo } from '../status.ts';
import { connectAnyTarget, liveSession, reachStack, type Target } from '../target.ts';
import { type DecideContext, type Decision, decide } from './decide.ts';
import { execute, preview } from './execute.ts';
import { type Wanted, wantedPorts } from './wanted.ts';

export interface KillRequest {
  /** Ports, ranges, and names of services. */
  readonly words: readonly string[];
  /** The stack of the named services, or why there is no stack. */
  readonly target: Result<Target, Failure>;
  readonly signal: Signal;
  /** From the signal to SIGKILL, for holders outside this stack. */
  readonly graceMs: number;
  /** Data servers, too, get SIGKILL if they do not end in time, and the services of a session that does not answer are ended without it. */
  readonly force: boolean;
  /** Only decides: signals nothing. */
  readonly dryRun: boolean;
  /** Called before a session stops these services. */
  readonly onSession: (services: readonly string[]) => void;
}

/** One outcome for each port. `debugged`: the named services that somebody debugs. */
export interface KillReport {
  readonly ports: readonly KilledPort[];
  readonly debugged: readonly DebuggedService[];
}

/** Failures: E002, E204; for names also E301 … E305 (the config) and E402 … (the session). */
export async function killPorts(request: KillRequest, context: AppContext): Promise<Result<KillReport, Failure>> {
  const wanted = await wantedPorts(request.words, request.target, context);
  if (!wanted.ok) return wanted;
  const own = await ownSnapshot(wanted.value, request.force, context);
  if (!own.ok) return own;
  const deciding = await decideContext(own.value, wanted.value.target, request.force, context);
  const decisions: Decision[] = [];
  for (const state of await survey(wanted.value.ports, context)) decisions.push(await decide(state, deciding));
  const { signal, graceMs, force, onSession } = request;
  const options = { signal, graceMs, force, onSession, deciding, wanted: wanted.value };
  const debugged = deciding.facts.debuggers.live.filter(({ service }) => wanted.value.services.includes(service));
  return ok({ ports: await (request.dryRun ? preview : execute)(decisions, options, context), debugged });
}

async function decideContext(own: Snapshot | null, target: Target | null, force: boolean, context: AppContext): Promise<DecideContext> {
  const { machine } = context;
  const live = memoized(force ? answeringSession(target, context) : liveSession(context));
  return {
    own,
    facts: {
      machine,
      asker: 'kill',
      ancestors: await ownAncestors(machine),
      stackId: target?.id ?? '',
      memberOf: memberAccordingTo(own),
      isExternal: () => false,
      record: target && (await readRecord(machine, target.folder)),
      liveSession: live,
      debuggers: { live: target ? await readDebugged(machine, target.folder) : [], isOver: () => false },
      ownSessionAlive: target !== null && (await live(target.id)) !== null,
    },
  };
}

/** With `--force`, a session that is stopped or hangs counts as none, so that its services are ended as leftovers. */
function answeringSession(target: Target | null, context: AppContext): ReturnType<typeof liveSession> {
  const ask = liveSession(context);
  return async (id) => {
    const live = await ask(id);
    if (!live) return null;
    const session = await (target?.id === id ? connectAnyTarget(target, context) : reachStack(id, context));
    if (session.ok) session.value.close();
    return !session.ok && session.failure.code === 'E402' ? null : live;
  };
}

/** Asks once per stack. */
function memoized<T>(ask: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (id) => {
    const answer = answers.get(id) ?? ask(id);
    answers.set(id, answer);
    return answer;
  };
}

/** A session that does not answer is a failure only if one of its services is named: other ports can be freed without it. */
async function ownSnapshot({ target, services }: Wanted, force: boolean, context: AppContext): Promise<Result<Snapshot | null, Failure>> {
  const session = target && (await connectAnyTarget(target, context));
  if (!session?.ok) {
    const isPassable = session?.failure.code === 'E401' || (force && session?.failure.code === 'E402');
    return session && services.length > 0 && !isPassable ? session : ok(null);
  }
  session.value.close();
  return ok(session.value.first);
}

/** Identifies all holders in one pass, and looks again only at ports that seem free but cannot be bound. */
async function survey(ports: readonly number[], { machine }: AppContext): Promise<readonly PortState[]> {
  let states = await identifyPorts(machine, ports);
  // A port with a listener is busy, so only the other ports are probed.
  let busy = await busyPorts(
    machine,
    ports.filter((port) => states.get(port)?.kind === 'free'),
  );
  if (busy.size > 0) states = new Map([...states, ...(await identifyPorts(machine, busy, { busy }))]);
  if ([...states.values()].some((state) => state.kind === 'hidden' && state.reason.kind === 'closing')) {
    busy = await waitFree(machine, busy);
    states = new Map([
      ...states,
      ...(await identifyPorts(
        machine,
        ports.filter((port) => states.get(port)?.kind !== 'held'),
        { busy },
      )),
    ]);
  }
  return [...states.values()].map(freeWithoutListener);
}

/** A probe below 1024 may lack permission; then a port without a listener counts as free. */
function freeWithoutListener(state: PortState): PortState {
  if (state.kind !== 'hidden' || state.reason.kind !== 'no-permission' || state.addresses.length > 0) return state;
  return { port: state.port, kind: 'free' };
}
