/** Carries out the decision about each port, and tests whether the port is free. */

import type { Signal } from '../../machine/machine.ts';
import type { Failure } from '../../model/failure.ts';
import { type PortState, type ProcessId, sameProcess } from '../../model/port.ts';
import type { KilledPort } from '../../model/port-report.ts';
import { isSupervised } from '../../model/service-state.ts';
import { type FreeOptions, freeHeld, wouldEnd } from '../../ports/free.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { waitFree } from '../../ports/probe.ts';
import { mayEndNow } from '../../ports/verdict.ts';
import { readDebugRecords } from '../../processes/debug-record.ts';
import { endLeftovers } from '../../processes/end-leftovers.ts';
import { type StoppedContainer, stopContainer } from '../../processes/published-container.ts';
import { readRecord } from '../../processes/record.ts';
import type { AppContext } from '../context.ts';
import { connectAnyTarget, reachStack, type Target } from '../target.ts';
import type { DecideContext, Decision, SessionService } from './decide.ts';
import type { Wanted } from './wanted.ts';

export interface KillOptions {
  readonly signal: Signal;
  readonly graceMs: number;
  readonly force: boolean;
  readonly deciding: DecideContext;
  readonly wanted: Wanted;
  readonly onSession: (services: readonly string[]) => void;
}

interface Progress {
  readonly killed: Map<number, KilledPort['killed'][number][]>;
  readonly failures: Map<number, Failure>;
  /** The ports that were found free after their holders had ended. */
  readonly freed: Set<number>;
}

export async function execute(decisions: readonly Decision[], options: KillOptions, context: AppContext): Promise<readonly KilledPort[]> {
  const todo = decisions.filter(({ fates }) => fates.length > 0);
  const progress: Progress = { killed: new Map(decisions.map(({ port }) => [port, []])), failures: new Map(), freed: new Set() };
  await stopSessions(todo, progress, options, context);
  await stopContainers(todo, progress, options);
  await endServiceLeftovers(todo, progress, options, context);
  await endHolders(todo, progress, options, context);
  return Promise.all(decisions.map((decision) => outcomeOf(decision, progress, context)));
}

async function outcomeOf({ port, state, refused }: Decision, progress: Progress, { machine }: AppContext): Promise<KilledPort> {
  const killed = progress.killed.get(port) ?? [];
  if (refused) return { port, outcome: 'refused', killed, holders: state.kind === 'held' ? state.holders : [], problem: refused };
  if (state.kind === 'free') return { port, outcome: 'was-free', killed, holders: [], problem: null };
  if (progress.freed.has(port)) return { port, outcome: 'freed', killed, holders: [], problem: null };
  const busy = await waitFree(machine, [port]);
  const now = (await identifyPorts(machine, [port], { busy })).get(port) ?? state;
  if (now.kind === 'free') return { port, outcome: 'freed', killed, holders: [], problem: null };
  const problem = progress.failures.get(port) ?? {
    code: 'E202',
    kind: 'port-still-held',
    port,
    state: now,
    respawnedBy: null,
    graceful: false,
  };
  return { port, outcome: 'failed', killed, holders: now.kind === 'held' ? now.holders : [], problem };
}

/** Sends each session one command. A named service is stopped even while it holds no port: it would take the port again. */
async function stopSessions(todo: readonly Decision[], progress: Progress, options: KillOptions, context: AppContext): Promise<void> {
  const { own } = options.deciding;
  const wanted = new Map<string, Set<string>>();
  const add = (stackId: string, service: string) => wanted.set(stackId, (wanted.get(stackId) ?? new Set()).add(service));
  const concerned = todo.flatMap(({ port, fates }) =>
    fates.flatMap(({ holder, fate }) => (fate.kind === 'session' ? [{ port, holder, of: fate.of }] : [])),
  );
  for (const { of } of concerned) add(of.stackId, of.service);
  for (const { name, state } of own?.services ?? []) {
    if (own && options.wanted.services.includes(name) && isSupervised(state)) add(own.id, name);
  }
  for (const [stackId, services] of wanted) {
    options.onSession([...services]);
    const failure = await stopThroughSession(stackId, [...services], options.wanted.target, context);
    for (const { port, holder, of } of concerned) {
      if (of.stackId !== stackId) continue;
      if (failure) progress.failures.set(port, failure);
      else progress.killed.get(port)?.push({ pid: holder.pid, command: holder.command, signal: 'stopped' });
    }
  }
}

async function stopThroughSession(
  stackId: string,
  services: readonly string[],
  own: Target | null,
  context: AppContext,
): Promise<Failure | null> {
  const session = own?.id === stackId ? await connectAnyTarget(own, context) : await reachStack(stackId, context);
  if (!session.ok) return session.failure;
  const reply = await session.value.send({ type: 'stop', services, withDependents: false });
  session.value.close();
  return reply.ok ? null : reply.failure;
}

async function stopContainers(todo: readonly Decision[], progress: Progress, { deciding }: KillOptions): Promise<void> {
  const stopped = new Map<string, StoppedContainer>();
  for (const { port, state, fates } of todo) {
    for (const { holder, fate } of fates) {
      if (fate.kind !== 'container') continue;
      const { container } = fate;
      const { engine, name } = container;
      const outcome = stopped.get(container.id) ?? (await stopContainer(container, deciding.runTool));
      stopped.set(container.id, outcome);
      if (outcome.ok) progress.killed.get(port)?.push({ pid: holder.pid, command: `${engine} container ${name}`, signal: 'stopped' });
      else {
        const tried = { engine, said: outcome.said };
        const refused = { kind: 'container', container: name, stopCommand: `${engine} stop ${name}`, tried } as const;
        progress.failures.set(port, { code: 'E205', kind: 'kill-refused', port, state, refused, holder });
      }
    }
  }
}

/** Ends all leftovers of the service, not only the holder of the port: the others would outlive it. */
async function endServiceLeftovers(
  todo: readonly Decision[],
  progress: Progress,
  options: KillOptions,
  context: AppContext,
): Promise<void> {
  const { machine } = context;
  const { target, services } = options.wanted;
  const wanted = new Map<string, { readonly of: SessionService; readonly ports: Set<number> }>();
  const add = (of: SessionService, ports: readonly number[]) => {
    const key = `${of.stackId}:${of.service}`;
    const known = wanted.get(key) ?? { of, ports: new Set<number>() };
    for (const port of ports) known.ports.add(port);
    wanted.set(key, known);
  };
  for (const { port, fates } of todo) for (const { fate } of fates) if (fate.kind === 'leftover') add(fate.of, [port]);
  for (const service of services) if (target) add({ stackId: target.id, service }, []);
  for (const { of, ports } of wanted.values()) {
    const liveSession = options.deciding.own?.id === of.stackId ? (options.deciding.own.session?.key ?? null) : null;
    const own = target?.id === of.stackId ? target.folder : null;
    const record = own === null ? null : await readRecord(machine, own);
    const debug = own === null ? {} : { debug: { folder: own, dead: (await readDebugRecords(machine, own)).dead } };
    const source = { stackId: of.stackId, liveSession, record, ...debug };
    const { found, signalled } = await endLeftovers(machine, source, { services: [of.service], signal: options.signal });
    for (const { id, signal } of signalled) {
      const command = found.find((one) => sameProcess(one, id))?.command ?? of.service;
      for (const port of ports) progress.killed.get(port)?.push({ pid: id.pid, command, signal });
    }
  }
}

/** The outcome of `execute` as far as it is known beforehand; signals nothing. */
export async function preview(decisions: readonly Decision[], options: KillOptions, context: AppContext): Promise<readonly KilledPort[]> {
  const ends = await wouldEnd(context.machine, heldBy(decisions), {
    signal: options.signal,
    mayEnd: (id) => mayEnd(id, options),
  });
  return decisions.map(({ port, state, refused }) => {
    const outcome = refused ? 'refused' : state.kind === 'free' ? 'was-free' : 'would-free';
    return { port, outcome, killed: ends.get(port) ?? [], holders: state.kind === 'held' ? state.holders : [], problem: refused };
  });
}

/** The ports that have holders to end, with only those holders. */
function heldBy(decisions: readonly Decision[]): readonly Held[] {
  return decisions.flatMap(({ port, state, fates }) => {
    const holders = fates.filter(({ fate }) => fate.kind === 'end').map(({ holder }) => holder);
    return state.kind === 'held' && holders.length > 0 ? [{ ...state, port, holders }] : [];
  });
}

/** Ports that share a holder are freed together, the others in parallel. */
async function endHolders(todo: readonly Decision[], progress: Progress, options: KillOptions, context: AppContext): Promise<void> {
  const held = heldBy(todo);
  const freeing: FreeOptions = {
    signal: options.signal,
    graceMs: options.graceMs,
    force: options.force,
    mayEnd: (id) => mayEnd(id, options),
  };
  await Promise.all(
    groups(held).map(async (group) => {
      for (const { port, freed, state, killed, respawnedBy, graceful } of await freeHeld(context.machine, group, freeing)) {
        progress.killed.get(port)?.push(...killed);
        if (freed) progress.freed.add(port);
        else progress.failures.set(port, { code: 'E202', kind: 'port-still-held', port, state, respawnedBy, graceful });
      }
    }),
  );
}

/** A holder's parent may be ended under the same rules as a holder. */
async function mayEnd(id: ProcessId, { deciding }: KillOptions): Promise<boolean> {
  if (id.pid === deciding.own?.session?.pid) return false;
  return mayEndNow(id, deciding.facts);
}

type Held = PortState & { readonly kind: 'held' };

export function groups(held: readonly Held[]): readonly (readonly Held[])[] {
  const found: Held[][] = [];
  for (const one of held) {
    const shares = (group: readonly Held[]) =>
      group.some((other) => other.holders.some((holder) => one.holders.some((own) => sameProcess(own, holder))));
    const together = [one, ...found.filter(shares).flat()];
    found.splice(0, found.length, ...found.filter((group) => !shares(group)), together);
  }
  return found;
}
