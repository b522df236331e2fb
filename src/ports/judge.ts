/** The verdicts of `status` and `ports`: a word for each owner, and for a port the worst one of its holders. */
import type { Holder, PortState, Verdict } from '../model/port.ts';
import type { PortHolder } from '../model/session.ts';
import { findOwner, type Owner, type OwnerFacts } from './verdict.ts';

/** The verdict on `holder` of `port` for `service`. */
export async function judge(holder: Holder, port: number, service: string, facts: OwnerFacts): Promise<Verdict> {
  return verdictOf(await findOwner(holder, { port, service }, facts), service, facts.stackId);
}

export function verdictOf(owner: Owner, service: string, stackId: string): Verdict {
  switch (owner.kind) {
    case 'member':
      return owner.service === service ? 'ours' : 'sibling';
    case 'debugged':
      if (owner.stackId !== stackId) return 'other';
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

/** The worst verdict decides, since a foreign holder beside our own is a conflict. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'free';
}

/** The worst verdict on a port's holders. */
export async function judgePort(state: PortState, service: string, facts: OwnerFacts): Promise<Verdict> {
  return (await judgeHolders(state, service, facts)).verdict;
}

/** The worst verdict on a service's ports, and their holders. */
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
    state.holders.map(async (holder) => {
      const owner = await findOwner(holder, { port, service }, facts);
      const config = owner.kind === 'other-stack' || owner.kind === 'external' ? owner.otherStack?.config : null;
      return { ...holder, port, verdict: verdictOf(owner, service, facts.stackId), ...(config ? { otherConfig: config } : {}) };
    }),
  );
  return { verdict: holders.length === 0 ? 'unidentified' : worst(holders.map(({ verdict }) => verdict)), holders };
}
