/** Claims without a session in this process: for dry runs, and for `debug`, which frees one service's ports. */

import type { Failure } from '../model/failure.ts';
import type { Holder } from '../model/port.ts';
import type { Service } from '../model/service.ts';
import type { AskConflict } from '../model/session.ts';
import { holderKey } from '../ports/action.ts';
import { assess, type ClaimContext, claim, refusalOf } from '../ports/claim.ts';
import { detectPortAgrees } from '../ports/second-opinion.ts';
import { readRecord } from '../processes/record.ts';
import { ownAncestors } from '../processes/refuse.ts';
import type { AppContext } from './context.ts';
import { otherSessions } from './other-sessions.ts';
import { judgeFromOutside } from './status.ts';
import { liveSession, type Target } from './target.ts';

/** The claim adopts no process. */
export async function claimContext(
  target: Target,
  settings: Pick<ClaimContext, 'onConflict' | 'takeOver'>,
  context: AppContext,
): Promise<ClaimContext> {
  const { machine } = context;
  const live = liveSession(context);
  const record = await readRecord(machine, target.folder);
  return {
    machine,
    refresh: () => Promise.resolve(),
    facts: {
      ...(await judgeFromOutside(target, record, context, {
        isExternal: () => false,
        ownSessionAlive: (await live(target.id)) !== null,
      })),
      machine,
      asker: 'claim',
      ancestors: await ownAncestors(machine),
    },
    ...settings,
    approved: new Set(),
    prove: () => Promise.resolve([]),
    others: otherSessions(context),
  };
}

/** Callbacks of a claim: it asks the user, and reports its progress. */
export interface ClaimCallbacks {
  /** Null if no question can be asked. */
  readonly ask: AskConflict | null;
  readonly onFreeing: (port: number, holders: readonly Holder[]) => void;
  readonly onFreed: (port: number) => void;
}

/** Frees the ports of one service by its policy; null, or why they cannot be freed. */
export async function claimPorts(service: Service, target: Target, talk: ClaimCallbacks, context: AppContext): Promise<Failure | null> {
  // With `reuse`, the holder would keep the port that the command needs.
  const onConflict = service.onConflict.policy === 'reuse' ? 'fail' : null;
  const deciding = await claimContext(target, { onConflict, takeOver: false }, context);
  const assessments = await assess([service], deciding);
  const questions = assessments.flatMap(({ port, state, action }) =>
    action.kind === 'ask' && state.kind === 'held' ? state.holders.map((holder) => ({ service: service.name, port, holder })) : [],
  );
  const refused = refusalOf(assessments);
  const ask = assessments.some(({ action }) => action.kind === 'refuse') ? null : talk.ask;
  if (refused && !(ask && (await ask(questions)))) return refused;
  const outcomes = await claim([service], {
    ...deciding,
    approved: new Set(questions.map(({ holder }) => holderKey(holder))),
    secondOpinion: detectPortAgrees,
    onFreeing: (_, port, holders) => talk.onFreeing(port, holders),
    onFreed: (_, port, { freed }) => freed && talk.onFreed(port),
  });
  const outcome = outcomes.get(service.name);
  return outcome?.kind === 'refused' ? outcome.failure : null;
}
