/** What `status` and `ports` show of a port: a word for each owner, and the worst one of a port's holders. */
import type { Holder, PortState, Verdict } from '../model/port.ts';
import type { PortHolder } from '../model/session.ts';
import { findOwner, type Owner, type OwnerFacts } from './verdict.ts';

/** What `holder` of `port` is to `service`. */
export async function judge(holder: Holder, port: number, service: string, facts: OwnerFacts): Promise<Verdict> {
  return verdictOf(await findOwner(holder, { port, service }, facts), service);
}

export function verdictOf(owner: Owner, service: string): Verdict {
  switch (owner.kind) {
    case 'member':
      return owner.service === service ? 'ours' : 'sibling';
    case 'external':
      return 'external';
    case 'leftover':
      return 'leftover';
    case 'other-stack':
      return 'other';
    case 'other-leftover':
    case 'nobody':
      return 'foreign';
  }
}

const WORST_FIRST: readonly Verdict[] = ['other', 'foreign', 'unidentified', 'sibling', 'leftover', 'external', 'ours', 'free'];

/** One foreigner beside ours is a conflict. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'free';
}

/** The worst of a port's holders decides what the port is. */
export async function judgePort(state: PortState, service: string, facts: OwnerFacts): Promise<Verdict> {
  return (await judgeHolders(state, service, facts)).verdict;
}

/** What a service's ports are to it together, and who holds each of them. */
export async function judgePorts(
  states: readonly PortState[],
  service: string,
  facts: OwnerFacts,
): Promise<{ readonly verdict: Verdict; readonly holders: readonly PortHolder[] }> {
  const judged = await Promise.all(states.map((state) => judgeHolders(state, service, facts)));
  return { verdict: worst(judged.map(({ verdict }) => verdict)), holders: judged.flatMap(({ holders }) => holders) };
}

async function judgeHolders(
  state: PortState,
  service: string,
  facts: OwnerFacts,
): Promise<{ readonly verdict: Verdict; readonly holders: readonly PortHolder[] }> {
  if (state.kind === 'free') return { verdict: 'free', holders: [] };
  if (state.kind === 'hidden') return { verdict: facts.isExternal(service) ? 'external' : 'unidentified', holders: [] };
  const { port } = state;
  const holders = await Promise.all(
    state.holders.map(async (holder) => ({ ...holder, port, verdict: await judge(holder, port, service, facts) })),
  );
  return { verdict: holders.length === 0 ? 'unidentified' : worst(holders.map(({ verdict }) => verdict)), holders };
}
