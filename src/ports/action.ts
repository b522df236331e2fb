/** The actions of a claim, by the holder's owner and nature and the service's `onConflict`; `kill` has its own table. */
import type { Action } from '../model/assessment.ts';
import type { Holder, RefuseReason } from '../model/port.ts';
import type { OnConflict, Service } from '../model/service.ts';
import type { JudgedHolder } from './verdict.ts';

export interface ClaimRules {
  readonly policy: OnConflict;
  readonly takeOver: boolean;
  /** Holders (`pid:start`) that the user agreed to stop. */
  readonly approved: ReadonlySet<string>;
  /** The claim is made beside this stack's live session, not by it: the session's own processes stay. */
  readonly beside: boolean;
}

export function actionOf(judged: JudgedHolder & { readonly holder: Holder }, service: string, rules: ClaimRules): Action {
  const { owner, nature, holder } = judged;
  switch (owner.kind) {
    case 'member':
      if (owner.service !== service) return refuseAction({ kind: 'sibling', service: owner.service }, holder);
      return { kind: rules.beside ? 'none' : 'reclaim' };
    case 'debugged':
      return refuseAction({ kind: 'debugged', service: owner.service, pid: owner.by.pid }, holder);
    case 'leftover':
      return { kind: 'reclaim' };
    case 'external':
    case 'other-stack': {
      const { otherStack } = owner;
      if (otherStack === null || nature !== null) return byPolicy(judged, rules);
      if (rules.takeOver) return { kind: 'take-over', from: [{ stackId: otherStack.id, service: otherStack.service }] };
      return refuseAction({ kind: 'other-stack', ...otherStack }, holder);
    }
    case 'other-leftover':
    case 'nobody':
      return byPolicy(judged, rules);
  }
}

function byPolicy({ holder, nature }: JudgedHolder & { readonly holder: Holder }, { policy, approved }: ClaimRules): Action {
  if (policy.policy === 'reuse') return { kind: 'adopt', proof: policy.proof };
  if (nature) return refuseAction(nature, holder);
  if (policy.policy === 'ask') return { kind: approved.has(holderKey(holder)) ? 'kill' : 'ask' };
  return policy.policy === 'kill' ? { kind: 'kill' } : { kind: 'refuse', because: { policy: 'fail' } };
}

export function refuseAction(refused: RefuseReason, holder: Holder | null): Action {
  return { kind: 'refuse', because: { refused, holder } };
}

export function holderKey(holder: Holder): string {
  return `${holder.pid}:${holder.start}`;
}

/** `--on-conflict` replaces kill, ask and fail; a `reuse` stays unless the new value is `fail`. */
export function effectivePolicy(service: Service, override: 'kill' | 'ask' | 'fail' | null): OnConflict {
  if (override === null || (service.onConflict.policy === 'reuse' && override !== 'fail')) return service.onConflict;
  return { policy: override };
}
