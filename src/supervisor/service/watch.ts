/**
 * While a service runs: its ports are looked at every few seconds (the table of listeners; no connections are made), its
 * health is tested if it declares a test, and `stable` of uninterrupted readiness resets its restart count. The watch
 * tells only news, and never ends by itself.
 */
import { isThisMachine } from '../../model/address.ts';
import type { Failure } from '../../model/failure.ts';
import type { Input } from '../../model/lifecycle-states.ts';
import type { Health } from '../../model/service.ts';
import { identifyPorts } from '../../ports/identify.ts';
import type { Actor } from './actor.ts';
import { daemonGone, listensElsewhere } from './await-ready.ts';
import { prove, unmetTest } from './readiness-tests.ts';
import { commandEnvironment } from './spawn.ts';

/** Looks without any listener before a port counts as lost: a reloader is between two children for a moment. */
const MISSES = 2;
/** Looks of the port watch between two tests of an external service that has no port here. */
const EXTERNAL_LOOKS = 4;
const EXTERNAL_TIMEOUT_MS = 5000;

export async function watch(actor: Actor, signal: AbortSignal): Promise<null> {
  const tell = (input: Input) => {
    actor.send(input, signal);
  };
  await Promise.all([watchPorts(actor, tell, signal), watchHealth(actor, tell, signal), watchStable(actor, tell, signal)]);
  return null;
}

async function watchPorts(actor: Actor, tell: (input: Input) => void, signal: AbortSignal): Promise<void> {
  const { service, context, processes } = actor;
  const required = new Set(service.ports.filter((port) => port.required).map(({ port }) => port));
  let healthyAt: number | null = null;
  for (let misses = 0; ; ) {
    // The death of a daemon that nobody collects is no news to the pulse.
    const news = await context.nextWatch(signal, actor.main?.kind === 'daemon' ? null : healthyAt);
    const gone = await daemonGone(actor);
    if (gone) return tell(gone);
    if (news === healthyAt) continue;
    healthyAt = news;
    if (service.ports.length === 0) continue;
    let looks = await context.ports.ownership(service.ports, processes.sockets);
    if (looks.some((look) => look.kind === 'foreign') && service.listener.kind !== 'any') {
      await context.tracker.scan();
      looks = await context.ports.ownership(service.ports, processes.sockets);
    }
    if (signal.aborted) return;
    const foreign = service.listener.kind !== 'any' ? looks.find((look) => look.kind === 'foreign') : undefined;
    const lost = looks.find((look) => look.kind === 'nobody' && required.has(look.port));
    misses = lost ? misses + 1 : 0;
    if (foreign || lost) healthyAt = null;
    const problem = actor.state.name === 'unhealthy' ? actor.state.why.code : null;
    if (foreign && problem !== 'E108') tell({ name: 'portForeign', why: await foreignFailure(actor, foreign.port) });
    else if (lost && !foreign && misses >= MISSES && problem !== 'E107')
      tell({ name: 'portLost', why: await lostFailure(actor, lost.port) });
    else if (!foreign && !lost && (problem === 'E107' || problem === 'E108')) tell({ name: 'portBack' });
  }
}

async function foreignFailure(actor: Actor, port: number): Promise<Failure> {
  const state = (await identifyPorts(actor.context.machine, [port])).get(port);
  const holders = state?.kind === 'held' ? state.holders.filter((holder) => !actor.processes.has(holder)) : [];
  actor.context.events.append({ type: 'port', service: actor.service.name, port, action: 'foreign', holders, ports: [] });
  return { code: 'E108', kind: 'port-foreign', service: actor.service.name, port, holders };
}

async function lostFailure(actor: Actor, port: number): Promise<Failure> {
  actor.context.events.append({ type: 'port', service: actor.service.name, port, action: 'lost', holders: [], ports: [] });
  return {
    code: 'E107',
    kind: 'port-lost',
    service: actor.service.name,
    port,
    pid: actor.main?.pid ?? null,
    listensOn: await listensElsewhere(actor),
  };
}

async function watchHealth(actor: Actor, tell: (input: Input) => void, signal: AbortSignal): Promise<void> {
  const { health } = actor.service;
  if (!health) return;
  for (let failures = 0; ; ) {
    await actor.context.machine.clock.sleep(health.intervalMs, signal);
    const unmet = await testHealth(actor, health, signal);
    if (signal.aborted) return;
    failures = unmet ? failures + 1 : 0;
    const problem = actor.state.name === 'unhealthy' ? actor.state.why.code : null;
    if (unmet && failures >= health.retries && problem !== 'E109') {
      tell({
        name: 'probeFailed',
        why: { code: 'E109', kind: 'health-failed', service: actor.service.name, unmet, retries: health.retries },
      });
    } else if (!unmet && problem === 'E109') tell({ name: 'probeOk' });
  }
}

async function testHealth(actor: Actor, health: Health, signal: AbortSignal) {
  const { service, context, processes } = actor;
  if (health.test.kind === 'port') {
    const looks = await context.ports.ownership(
      service.ports.filter((port) => port.required),
      processes.sockets,
    );
    const missing = looks.find((look) => look.kind !== 'ours');
    return missing ? ({ kind: 'port', port: missing.port, holders: [] } as const) : null;
  }
  const env = commandEnvironment(service, context);
  const logged = (source: string, flags: string) => processes.output.logged(source, flags);
  return unmetTest(health.test, { machine: context.machine, service, env, logged, signal }, health.timeoutMs);
}

async function watchStable(actor: Actor, tell: (input: Input) => void, signal: AbortSignal): Promise<void> {
  if (actor.state.name !== 'ready' || actor.state.tries.inARow === 0) return;
  await actor.context.machine.clock.sleep(actor.service.restart.stableMs, signal);
  tell({ name: 'stable' });
}

/** An external service is only looked at: is anybody still there? */
export async function watchExternal(actor: Actor, signal: AbortSignal): Promise<Input> {
  const { service, context } = actor;
  const required = service.ports.filter((port) => port.required).map(({ port }) => port);
  const gone: Input = { name: 'holderGone', why: { code: 'E116', kind: 'external-lost', service: service.name } };
  let healthyAt: number | null = null;
  for (let misses = 0, looks = 1; ; looks++) {
    const news = await context.nextWatch(signal, healthyAt);
    if (required.length > 0 && isThisMachine(service.host)) {
      const listening = new Set((await context.ports.sockets(required)).map((socket) => socket.port));
      misses = required.every((port) => listening.has(port)) ? 0 : misses + 1;
      healthyAt = misses === 0 ? news : null;
    } else if (looks % EXTERNAL_LOOKS === 0) {
      const env = commandEnvironment(service, context);
      const unmet = await prove(service.ready, EXTERNAL_TIMEOUT_MS, {
        machine: context.machine,
        service,
        env,
        logged: () => false,
        signal,
      });
      misses = unmet.length === 0 ? 0 : misses + 1;
    }
    if (misses >= MISSES) return gone;
  }
}
