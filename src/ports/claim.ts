/**
 * Frees the ports of services before they start, as each service's `onConflict` says. A claim covers all ports of all
 * services that can start now: probe all → identify the holders in one pass → decide all → free → probe again. If one port
 * of a service is refused, no holder of that service's ports is ended. A holder of several services' ports is treated by
 * the strictest of their policies.
 */
import type { Machine } from '../machine/machine.ts';
import type { Action, Assessment } from '../model/assessment.ts';
import type { Failure } from '../model/failure.ts';
import { GRACE_MS } from '../model/graces.ts';
import type { Holder, PortState, Verdict } from '../model/port.ts';
import type { PortRefusal } from '../model/port-refusal.ts';
import type { Readiness, Service } from '../model/service.ts';
import type { OtherSessions, TakeOver } from '../model/take-over.ts';
import type { Unmet } from '../model/unmet.ts';
import { isContainerProxy } from '../processes/container-proxy.ts';
import type { RunTool } from '../processes/engine.ts';
import { actionOf, effectivePolicy, holderKey, refuseAction } from './action.ts';
import { type FreeOutcome, freeHeld } from './free.ts';
import { identifyPorts } from './identify.ts';
import { verdictOf } from './judge.ts';
import { nameContainers } from './name-containers.ts';
import { waitFree } from './probe.ts';
import { takeOver } from './take-over.ts';
import { type HolderFacts, judgeHolder, mayEndNow } from './verdict.ts';

export interface ClaimContext {
  readonly machine: Machine;
  /** Called before holders are judged, to scan the session's own processes. */
  readonly refresh: () => Promise<void>;
  readonly facts: HolderFacts;
  readonly onConflict: 'kill' | 'ask' | 'fail' | null;
  readonly takeOver: boolean;
  /** Holders (`pid:start`) that the user has agreed to end. */
  readonly approved: ReadonlySet<string>;
  /** The tests that the holder of a `reuse` service's port fails. Empty: the holder may be adopted. */
  readonly prove: (service: Service, proof: Readiness) => Promise<readonly Unmet[]>;
  readonly others: OtherSessions;
  /** Runs the container engines; by default, the installed ones. */
  readonly runTool?: RunTool;
  readonly secondOpinion?: (port: number) => Promise<boolean>;
  readonly onFreeing?: (service: string, port: number, holders: readonly Holder[]) => void;
  readonly onFreed?: (service: string, port: number, outcome: FreeOutcome) => void;
  readonly onTakingOver?: (service: string, takeOver: TakeOver) => void;
  readonly onTakenOver?: (service: string, takeOver: TakeOver) => void;
}

export type ClaimOutcome =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'adopted'; readonly holder: Holder | null }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** The action that a claim would take for each port. Nothing is ended. */
export async function assess(services: readonly Service[], context: ClaimContext): Promise<readonly Assessment[]> {
  const ports = services.flatMap((service) => service.ports.map(({ port }) => port));
  // A port held only by closing sockets becomes free within a few seconds, so the claim waits for it.
  const busy = await waitFree(context.machine, ports);
  if (busy.size > 0) await context.refresh();
  const identified = busy.size > 0 ? [...(await identifyPorts(context.machine, busy, { busy })).values()] : [];
  const states = new Map((await nameContainers(identified, context.runTool)).map((state) => [state.port, state]));
  const assessments: Assessment[] = [];
  for (const service of services) {
    for (const { port } of service.ports) {
      const state = states.get(port) ?? { port, kind: 'free' };
      assessments.push(await assessPort(service, state, context));
    }
  }
  return strictest(assessments);
}

async function assessPort(service: Service, state: PortState, context: ClaimContext): Promise<Assessment> {
  const base = { service: service.name, port: state.port, state };
  if (state.kind === 'free') return { ...base, verdict: 'free', action: { kind: 'none' } };
  const policy = effectivePolicy(service, context.onConflict);
  if (state.kind === 'hidden') {
    const hasNoListener = ['outgoing', 'closing', 'bound-not-listening', 'excluded-range'].includes(state.reason.kind);
    if (policy.policy === 'reuse' && !hasNoListener)
      return { ...base, verdict: 'unidentified', action: { kind: 'adopt', proof: policy.proof } };
    return { ...base, verdict: 'unidentified', action: refuseAction({ kind: 'unidentified', reason: state.reason }, null) };
  }
  let worst: { verdict: Verdict; action: Action } = { verdict: 'ours', action: { kind: 'none' } };
  for (const holder of state.holders) {
    const judged = await judgeHolder(holder, { port: state.port, service: service.name }, context.facts);
    const verdict = verdictOf(judged.owner, service.name, context.facts.stackId);
    const decided = actionOf({ ...judged, holder }, service.name, { ...context, policy, beside: context.facts.ownSessionAlive });
    // Holders of one port may belong to two stacks, or to two services of one.
    const action = decided.kind === 'take-over' && worst.action.kind === 'take-over' ? joined(worst.action, decided) : decided;
    if (SEVERITY.indexOf(action.kind) >= SEVERITY.indexOf(worst.action.kind)) worst = { verdict, action };
  }
  return { ...base, ...worst };
}

type TakeOverAction = Extract<Action, { readonly kind: 'take-over' }>;

function joined(a: TakeOverAction, b: TakeOverAction): Action {
  return { kind: 'take-over', from: [...a.from, ...b.from] };
}

const SEVERITY: readonly Action['kind'][] = ['none', 'reclaim', 'kill', 'adopt', 'take-over', 'ask', 'refuse'];

/** A holder that is refused or adopted for one service is not ended for another one. */
function strictest(assessments: readonly Assessment[]): readonly Assessment[] {
  const strict = new Map<string, Action>();
  for (const { service, state, action } of assessments) {
    if (state.kind !== 'held' || !['refuse', 'ask', 'adopt'].includes(action.kind)) continue;
    const stricter: Action = action.kind === 'adopt' ? { kind: 'refuse', because: { reusedBy: service } } : action;
    for (const holder of state.holders) if (strict.get(holderKey(holder))?.kind !== 'refuse') strict.set(holderKey(holder), stricter);
  }
  return assessments.map((assessment) => {
    if (assessment.state.kind !== 'held' || !['kill', 'ask'].includes(assessment.action.kind)) return assessment;
    const found = assessment.state.holders.map((holder) => strict.get(holderKey(holder))).filter((action) => action !== undefined);
    const stricter = found.find(({ kind }) => kind === 'refuse') ?? found[0];
    return stricter ? { ...assessment, action: stricter } : assessment;
  });
}

/** E201, which lists all refused ports; null if there are none. */
export function refusalOf(assessments: readonly Assessment[]): Failure | null {
  const refusals: PortRefusal[] = [];
  for (const { service, port, state, action } of assessments) {
    if (action.kind === 'refuse') refusals.push({ service, port, state, because: action.because });
    if (action.kind === 'ask') refusals.push({ service, port, state, because: { policy: 'ask' } });
  }
  return refusals.length > 0 ? { code: 'E201', kind: 'ports-held', refusals } : null;
}

export async function claim(services: readonly Service[], context: ClaimContext): Promise<ReadonlyMap<string, ClaimOutcome>> {
  const assessments = (await assess(services, context)).map(sparingForwarders);
  const outcomes = new Map<string, ClaimOutcome>();
  const cleared: Assessment[] = [];
  for (const service of services) {
    const own = assessments.filter((assessment) => assessment.service === service.name);
    const failure = refusalOf(own);
    if (failure) outcomes.set(service.name, { kind: 'refused', failure });
    else cleared.push(...own);
  }
  await Promise.all(services.map((service) => adoptIfMeant(service, cleared, outcomes, context)));
  const toFree = cleared.filter(({ service, action }) => !outcomes.has(service) && action.kind !== 'none');
  const left = await takeOver(
    toFree.filter(({ action }) => action.kind === 'take-over'),
    context,
  );
  for (const { service, failure } of left) outcomes.set(service, { kind: 'refused', failure });
  // A leftover is killed if necessary, even a data server. A foreign data server only gets the polite signal.
  for (const kind of ['reclaim', 'kill'] as const) {
    const failures = await freeAll(
      toFree.filter(({ service, action }) => action.kind === kind && !outcomes.has(service)),
      kind === 'reclaim',
      context,
    );
    for (const { service, failure } of failures) outcomes.set(service, { kind: 'refused', failure });
  }
  for (const service of services) if (!outcomes.has(service.name)) outcomes.set(service.name, { kind: 'claimed' });
  return outcomes;
}

/** The containers of this stack have been stopped before a claim. What still forwards to one is refused, and never ended. */
function sparingForwarders(assessment: Assessment): Assessment {
  const { action, state } = assessment;
  if (action.kind !== 'reclaim' || state.kind !== 'held') return assessment;
  const holder = state.holders.find((one) => one.container !== null || isContainerProxy(one));
  if (!holder) return assessment;
  const { container, published } = holder;
  const reason = { kind: 'container', container, stopCommand: null, ...(published ? { published } : {}) } as const;
  return { ...assessment, action: refuseAction(reason, holder) };
}

async function adoptIfMeant(
  service: Service,
  cleared: readonly Assessment[],
  outcomes: Map<string, ClaimOutcome>,
  context: ClaimContext,
): Promise<void> {
  const adopt = cleared.find((assessment) => assessment.service === service.name && assessment.action.kind === 'adopt');
  if (adopt?.action.kind !== 'adopt') return;
  const holders = adopt.state.kind === 'held' ? adopt.state.holders : [];
  const unmet = await context.prove(service, adopt.action.proof);
  if (unmet.length === 0) outcomes.set(service.name, { kind: 'adopted', holder: holders[0] ?? null });
  else
    outcomes.set(service.name, {
      kind: 'refused',
      failure: { code: 'E203', kind: 'reuse-failed', service: service.name, port: adopt.port, holders, unmet },
    });
}

/** Frees ports. Returns a failure (E202) for each service with a port that is still held. */
async function freeAll(
  held: readonly Assessment[],
  force: boolean,
  context: ClaimContext,
): Promise<readonly { service: string; failure: Failure }[]> {
  if (held.length === 0) return [];
  for (const { service, port, state } of held) context.onFreeing?.(service, port, state.kind === 'held' ? state.holders : []);
  const outcomes = await freeHeld(
    context.machine,
    held.map(({ state }) => state).filter((state) => state.kind === 'held'),
    {
      signal: 'SIGTERM',
      graceMs: force ? GRACE_MS.leftover : GRACE_MS.holder,
      force,
      mayEnd: (id) => mayEndNow(id, context.facts),
      ...(context.secondOpinion ? { secondOpinion: context.secondOpinion } : {}),
    },
  );
  const failures: { service: string; failure: Failure }[] = [];
  for (const { service, port } of held) {
    const outcome = outcomes.find((candidate) => candidate.port === port);
    if (!outcome) continue;
    context.onFreed?.(service, port, outcome);
    if (outcome.freed) continue;
    const { state, respawnedBy, graceful } = outcome;
    failures.push({ service, failure: { code: 'E202', kind: 'port-still-held', port, state, respawnedBy, graceful } });
  }
  return failures;
}
