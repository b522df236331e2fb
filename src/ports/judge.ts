/** What a port's holder is to us. The one place where a verdict is made; a claim and `status` read the same. */
import type { Holder, PortState, ProcessId, Verdict } from '../model/port.ts';
import type { PortHolder } from '../model/session.ts';
import { recordedHolder } from '../processes/leftovers.ts';
import type { SessionRecord } from '../processes/record.ts';

export interface JudgeContext {
  readonly stackId: string;
  /** The service of this session that the process is a member of. */
  readonly memberOf: (id: ProcessId) => string | null;
  /** True for a service that is in state `external`. */
  readonly isExternal: (service: string) => boolean;
  /** The record of the session before, or of the live one when judged from outside. */
  readonly record: SessionRecord | null;
  readonly liveSession: (stackId: string) => Promise<{ readonly config: string | null } | null>;
  /** Whether a live session of this very stack exists that is not the one judging (`status` from outside). */
  readonly ownSessionAlive: boolean;
}

/** What `holder` of `port` is to `service`. */
export async function judge(holder: Holder, port: number, service: string, context: JudgeContext): Promise<Verdict> {
  const member = context.memberOf(holder);
  if (member !== null) return member === service ? 'ours' : 'sibling';
  if (context.isExternal(service)) return 'external';
  if (holder.stack?.id === context.stackId || recordedHolder(context.record, holder, port) !== null) {
    if (!context.ownSessionAlive) return 'leftover';
    return holder.stack?.service === service ? 'ours' : 'sibling';
  }
  if (holder.stack && (await context.liveSession(holder.stack.id))) return 'other';
  return 'foreign';
}

const WORST_FIRST: readonly Verdict[] = ['other', 'foreign', 'unidentified', 'sibling', 'leftover', 'external', 'ours', 'free'];

/** One foreigner beside ours is a conflict. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'free';
}

/** The worst of a port's holders decides what the port is. */
export async function judgePort(state: PortState, service: string, context: JudgeContext): Promise<Verdict> {
  return (await judgeHolders(state, service, context)).verdict;
}

/** What a service's ports are to it together, and who holds each of them. */
export async function judgePorts(
  states: readonly PortState[],
  service: string,
  context: JudgeContext,
): Promise<{ readonly verdict: Verdict; readonly holders: readonly PortHolder[] }> {
  const judged = await Promise.all(states.map((state) => judgeHolders(state, service, context)));
  return { verdict: worst(judged.map(({ verdict }) => verdict)), holders: judged.flatMap(({ holders }) => holders) };
}

async function judgeHolders(
  state: PortState,
  service: string,
  context: JudgeContext,
): Promise<{ readonly verdict: Verdict; readonly holders: readonly PortHolder[] }> {
  if (state.kind === 'free') return { verdict: 'free', holders: [] };
  if (state.kind === 'hidden') return { verdict: context.isExternal(service) ? 'external' : 'unidentified', holders: [] };
  const { port } = state;
  const holders = await Promise.all(
    state.holders.map(async (holder) => ({ ...holder, port, verdict: await judge(holder, port, service, context) })),
  );
  return { verdict: holders.length === 0 ? 'unidentified' : worst(holders.map(({ verdict }) => verdict)), holders };
}
