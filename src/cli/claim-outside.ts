/** Claims where this process runs no session: what a dry run decides by, and how `debug` gets a service its ports. */

import { judgeFromOutside } from '../app/status.ts';
import { liveSession, type Target } from '../app/target.ts';
import type { Failure } from '../model/failure.ts';
import type { Service } from '../model/service.ts';
import { assess, type ClaimContext, claim, holderKey, refusalOf } from '../ports/claim.ts';
import { detectPortAgrees } from '../ports/second-opinion.ts';
import { readRecord } from '../processes/record.ts';
import { ownAncestors } from '../processes/refuse.ts';
import { describeHolder } from '../render/words/holder.ts';
import { askOn } from './ask.ts';
import type { Context } from './context.ts';
import type { Screen } from './screen.ts';

/** Decides; it proves no adoption and takes nothing over. */
export async function claimContext(
  target: Target,
  settings: Pick<ClaimContext, 'onConflict' | 'takeOver'>,
  context: Context,
): Promise<ClaimContext> {
  const { machine } = context;
  const live = liveSession(context);
  const record = await readRecord(machine, target.folder);
  return {
    machine,
    refresh: () => Promise.resolve(),
    judge: judgeFromOutside(target, record, context, () => false, (await live(target.id)) !== null),
    refuse: { machine, asker: 'claim', ancestors: await ownAncestors(machine), liveSession: live, stackId: target.id },
    ...settings,
    approved: new Set(),
    prove: () => Promise.resolve([]),
    takeOverFrom: () => Promise.resolve(false),
  };
}

/** Frees the ports of one service by its policy; the failure when it cannot have them. */
export async function claimPorts(
  service: Service,
  target: Target,
  shown: Screen,
  context: Context,
  signal: AbortSignal,
): Promise<Failure | null> {
  // Whoever is adopted holds the port, and the command that is to be run here could not.
  const onConflict = service.onConflict.policy === 'reuse' ? 'fail' : null;
  const deciding = await claimContext(target, { onConflict, takeOver: false }, context);
  const assessments = await assess([service], deciding);
  const questions = assessments.flatMap(({ port, state, action }) =>
    action.kind === 'ask' && state.kind === 'held' ? state.holders.map((holder) => ({ service: service.name, port, holder })) : [],
  );
  const refused = refusalOf(assessments);
  const mayAsk = shown.interactive && !assessments.some(({ action }) => action.kind === 'refuse');
  if (refused && !(mayAsk && (await askOn(shown, context, signal)(questions)))) return refused;
  const say = (port: number, text: string) => void shown.err.write(`port ${port} ${text}\n`);
  const outcomes = await claim([service], {
    ...deciding,
    approved: new Set(questions.map(({ holder }) => holderKey(holder))),
    secondOpinion: detectPortAgrees,
    onFreeing: (_, port, holders) =>
      say(port, `is held by ${holders.map((holder) => describeHolder(holder, shown.viewer)).join(', ')}; freeing it`),
    onFreed: (_, port, { freed }) => freed && say(port, 'is free now'),
  });
  const outcome = outcomes.get(service.name);
  return outcome?.kind === 'refused' ? outcome.failure : null;
}
