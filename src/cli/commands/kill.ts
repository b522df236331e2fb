/**
 * `devup kill`: frees ports, whoever holds them. All ports are looked at in one pass and decided; then sessions stop
 * their own services, engines their containers, and the rest is ended. A port is free when it can be bound.
 */

import { connectAnyTarget, liveSession, type Target } from '../../app/target.ts';
import type { Failure } from '../../model/failure.ts';
import { GRACE_MS } from '../../model/graces.ts';
import type { PortState } from '../../model/port.ts';
import { ok, type Result } from '../../model/result.ts';
import type { Snapshot } from '../../model/session.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { busyPorts, waitFree } from '../../ports/probe.ts';
import { readRecord } from '../../processes/record.ts';
import { ownAncestors } from '../../processes/refuse.ts';
import { jsonLine, killJson } from '../../render/json.ts';
import { killReport } from '../../render/port-tables.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { type DecideContext, type Decision, decide } from '../kill/decide.ts';
import { execute, type KillOptions, preview } from '../kill/execute.ts';
import { type Wanted, wantedPorts } from '../kill/wanted.ts';
import { screen } from '../screen.ts';
import { durationFlag, signalFlag } from '../values.ts';

export async function kill(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const wanted = await wantedPorts(parsed, context);
  if (!wanted.ok) return done(shown, wanted.failure);
  const own = await ownSnapshot(wanted.value, context);
  if (!own.ok) return done(shown, own.failure);
  const deciding = await decideContext(own.value, wanted.value.target, context);
  const decisions: Decision[] = [];
  for (const state of await lookAt(wanted.value.ports, context)) decisions.push(await decide(state, deciding));
  const options: KillOptions = {
    signal: signalFlag(parsed, 'signal') ?? 'SIGTERM',
    graceMs: durationFlag(parsed, 'timeout') ?? GRACE_MS.holder,
    force: parsed.flags['force'] === true,
    deciding,
    wanted: wanted.value,
    onSession: (services) => void (shown.json || shown.err.write(`stopping ${services.join(', ')} through the session that runs it\n`)),
  };
  const ports = await (parsed.flags['dry-run'] === true ? preview : execute)(decisions, options, context);
  await shown.out.write(
    shown.json ? jsonLine(killJson(ports, shown.viewer)) : killReport(ports, { colour: shown.outColour, viewer: shown.viewer }),
  );
  return done(shown, null, ports.some(({ outcome }) => outcome === 'refused' || outcome === 'failed') ? 4 : 0);
}

async function decideContext(own: Snapshot | null, target: Target | null, context: Context): Promise<DecideContext> {
  const { machine } = context;
  return {
    own,
    record: target && (await readRecord(machine, target.folder)),
    refuse: { machine, ancestors: await ownAncestors(machine), liveSession: remembering(liveSession(context)), stackId: null },
  };
}

/** One question per stack. */
function remembering<T>(ask: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (id) => {
    const answer = answers.get(id) ?? ask(id);
    answers.set(id, answer);
    return answer;
  };
}

/** A session that does not answer is no reason to leave a port of somebody else's held. */
async function ownSnapshot({ target, services }: Wanted, context: Context): Promise<Result<Snapshot | null, Failure>> {
  const session = target && (await connectAnyTarget(target, context));
  if (!session?.ok) return session && services.length > 0 && session.failure.code !== 'E401' ? session : ok(null);
  session.value.close();
  return ok(session.value.first);
}

/** One pass over all ports. */
async function lookAt(ports: readonly number[], { machine }: Context): Promise<readonly PortState[]> {
  let states = await identifyPorts(machine, ports);
  // Only what seems free is bound: a listener needs no further proof.
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
  return [...states.values()].map(withoutListenerIsFree);
}

/** Below 1024 we may not bind, and so cannot prove it; but all listeners of the machine were looked through. */
function withoutListenerIsFree(state: PortState): PortState {
  if (state.kind !== 'hidden' || state.reason.kind !== 'no-permission' || state.addresses.length > 0) return state;
  return { port: state.port, kind: 'free' };
}
