/**
 * Watches a running service: its ports and their accept queues in the socket table, every few seconds and without connecting, and its
 * health by the declared test. After `stable` of uninterrupted readiness the restart count starts again. The watch reports changes
 * only, and runs until it is aborted.
 */
import { isThisMachine } from '../../../model/address.ts';
import type { Failure } from '../../../model/failure.ts';
import type { Input } from '../../../model/lifecycle-states.ts';
import type { Health } from '../../../model/service.ts';
import { identifyPorts } from '../../../ports/identify.ts';
import { nameContainers } from '../../../ports/name-containers.ts';
import type { PortOwnership } from '../../ports/listeners.ts';
import type { Actor } from '../actor.ts';
import { daemonExit } from '../process/daemon.ts';
import { AcceptQueue, type QueueVerdict } from './accept-queue.ts';
import { otherPorts, withListeners } from './not-ready.ts';
import { prove, testContextOf, unmetTest } from './readiness-tests.ts';

/** A port counts as lost after this many polls without a listener, because a reloader is without a child for a moment. */
const MISSES = 2;
/** An external service without a port on this machine is tested at every fourth poll. */
const POLLS_PER_EXTERNAL_TEST = 4;
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
  const queues = new Map([...required].map((port) => [port, new AcceptQueue(port, context.ports)]));
  let healthyAt: number | null = null;
  for (let misses = 0; ; ) {
    // A dead daemon may stay a zombie and keep its pid, so the ticker sees no change: check it at every tick.
    const changedAt = await context.nextTick(signal, actor.main?.kind === 'daemon' ? null : healthyAt);
    const exit = await daemonExit(actor, signal);
    if (exit) return tell(exit);
    if (changedAt === healthyAt) continue;
    healthyAt = changedAt;
    if (service.ports.length === 0) continue;
    await processes.clientContainers?.look();
    let ownership = await context.ports.verifiedOwnership(service.ports, processes.sockets);
    if (ownership.some(({ kind }) => kind === 'foreign') && service.listener.kind !== 'any') {
      await context.tracker.scan();
      ownership = await context.ports.ownership(service.ports, processes.sockets);
    }
    const waiting = await judgeQueues(ownership, queues, context.machine.clock.now());
    if (signal.aborted) return;
    const foreign = service.listener.kind !== 'any' ? ownership.find(({ kind }) => kind === 'foreign') : undefined;
    const lost = ownership.find(({ kind, port }) => kind === 'none' && required.has(port));
    misses = lost ? misses + 1 : 0;
    const stuck = waiting.find(({ verdict }) => verdict === 'stuck');
    const accepts = waiting.every(({ verdict }) => verdict === 'moving');
    // The socket count need not change while connections wait, so the next poll must not depend on the count.
    if (foreign || lost || waiting.length > 0) healthyAt = null;
    const problem = actor.state.name === 'unhealthy' ? actor.state.why.code : null;
    if (foreign) {
      if (problem !== 'E108') tell({ name: 'portForeign', why: await foreignFailure(actor, foreign.port) });
    } else if (lost) {
      if (misses >= MISSES && problem !== 'E107') tell({ name: 'portLost', why: await lostFailure(actor, lost.port) });
    } else if (stuck) {
      if (problem !== 'E117') tell({ name: 'portStuck', why: stuckFailure(actor, stuck.port) });
    } else if (problem === 'E107' || problem === 'E108' || (problem === 'E117' && accepts)) tell({ name: 'portBack' });
  }
}

/** The required ports at which connections wait now. */
async function judgeQueues(
  ownership: readonly PortOwnership[],
  queues: ReadonlyMap<number, AcceptQueue>,
  nowMs: number,
): Promise<readonly { readonly port: number; readonly verdict: QueueVerdict }[]> {
  const judged = ownership.map(async ({ port, queued }) => {
    const verdict = await queues.get(port)?.judge(queued, nowMs);
    return queued && verdict ? [{ port, verdict }] : [];
  });
  return (await Promise.all(judged)).flat();
}

async function foreignFailure(actor: Actor, port: number): Promise<Failure> {
  const [state] = await nameContainers([...(await identifyPorts(actor.context.machine, [port])).values()]);
  const holders = state?.kind === 'held' ? state.holders.filter((holder) => !actor.processes.has(holder)) : [];
  actor.context.events.append({ type: 'port', service: actor.service.name, port, action: 'foreign', holders, ports: [] });
  return { code: 'E108', kind: 'port-foreign', service: actor.service.name, port, holders };
}

async function lostFailure(actor: Actor, port: number): Promise<Failure> {
  actor.context.events.append({ type: 'port', service: actor.service.name, port, action: 'lost', holders: [], ports: [] });
  await actor.context.tracker.scan();
  return {
    code: 'E107',
    kind: 'port-lost',
    service: actor.service.name,
    port,
    pid: actor.main?.pid ?? null,
    listensOn: await otherPorts(actor),
  };
}

function stuckFailure({ service, main, context }: Actor, port: number): Failure {
  context.events.append({ type: 'port', service: service.name, port, action: 'stuck', holders: [], ports: [] });
  return { code: 'E117', kind: 'port-stuck', service: service.name, port, pid: main?.pid ?? null };
}

async function watchHealth(actor: Actor, tell: (input: Input) => void, signal: AbortSignal): Promise<void> {
  const { health } = actor.service;
  if (!health) return;
  for (let failures = 0; ; ) {
    await actor.context.machine.clock.sleep(health.intervalMs, signal);
    const unmet = await testHealth(actor, health, signal);
    if (signal.aborted) return;
    failures = unmet ? failures + 1 : 0;
    const { state } = actor;
    const isKnown = state.name === 'unhealthy' && (state.why.code === 'E109' || state.health !== null);
    if (unmet && failures >= health.retries && !isKnown) {
      tell({
        name: 'healthFailed',
        why: {
          code: 'E109',
          kind: 'health-failed',
          service: actor.service.name,
          unmet: await withListeners(unmet, actor),
          retries: health.retries,
        },
      });
    } else if (!unmet && isKnown) tell({ name: 'healthOk' });
  }
}

async function testHealth(actor: Actor, health: Health, signal: AbortSignal) {
  const { service, context, processes } = actor;
  if (health.test.kind === 'port') {
    const ownership = await context.ports.ownership(
      service.ports.filter((port) => port.required),
      processes.sockets,
    );
    const missing = ownership.find(({ kind }) => kind !== 'ours');
    return missing ? ({ kind: 'port', port: missing.port, holders: [] } as const) : null;
  }
  return unmetTest(health.test, testContextOf(actor, signal), health.timeoutMs);
}

async function watchStable(actor: Actor, tell: (input: Input) => void, signal: AbortSignal): Promise<void> {
  if (actor.state.name !== 'ready' || actor.state.tries.inARow === 0) return;
  await actor.context.machine.clock.sleep(actor.service.restart.stableMs, signal);
  tell({ name: 'stable' });
}

/** Polls an external service until it no longer answers. */
export async function watchExternal(actor: Actor, signal: AbortSignal): Promise<Input> {
  const { service, context } = actor;
  const required = service.ports.filter((port) => port.required).map(({ port }) => port);
  const gone: Input = { name: 'holderGone', why: { code: 'E116', kind: 'external-lost', service: service.name } };
  let healthyAt: number | null = null;
  for (let misses = 0, polls = 1; ; polls++) {
    const changedAt = await context.nextTick(signal, healthyAt);
    if (required.length > 0 && isThisMachine(service.host)) {
      const listening = new Set((await context.ports.sockets(required)).map((socket) => socket.port));
      misses = required.every((port) => listening.has(port)) ? 0 : misses + 1;
      healthyAt = misses === 0 ? changedAt : null;
    } else if (polls % POLLS_PER_EXTERNAL_TEST === 0) {
      const context = { ...testContextOf(actor, signal), logged: () => false };
      const unmet = await prove(service.ready, EXTERNAL_TIMEOUT_MS, context);
      misses = unmet.length === 0 ? 0 : misses + 1;
    }
    if (misses >= MISSES) return gone;
  }
}
