/** Previews a start: its plan, and what a claim would do to each port. Touches nothing. */

import type { Assessment } from '../model/assessment.ts';
import type { Failure } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { ok, type Result } from '../model/result.ts';
import type { StartOrder } from '../model/session.ts';
import type { TakeOver } from '../model/take-over.ts';
import { assess, refusalOf } from '../ports/claim.ts';
import { findTakeOvers } from '../ports/take-over.ts';
import { readDebugged } from '../processes/debug-record.ts';
import { planOrder } from '../supervisor/session/start.ts';
import { claimContext } from './claim.ts';
import type { AppContext } from './context.ts';
import { loadTarget, type Target } from './target.ts';

export interface StartPreview {
  readonly stack: string;
  readonly plan: Plan;
  readonly assessments: readonly Assessment[];
  /** The services of other stacks that the start would stop. */
  readonly takeOvers: readonly TakeOver[];
  /** E201, with every port that the start would not get, or E118 for services that somebody debugs; null if it would start all. */
  readonly refused: Failure | null;
}

/** `mayAsk`: false answers `ask` with no. Failures: E001, E002, E301 … E305. */
export async function previewStart(
  target: Target,
  order: StartOrder,
  mayAsk: boolean,
  context: AppContext,
): Promise<Result<StartPreview, Failure>> {
  const stack = await loadTarget(target, context);
  if (!stack.ok) return stack;
  const { name, services } = stack.value;
  const planned = planOrder(services, order);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const debugged = (await readDebugged(context.machine, target.folder)).filter((one) =>
    plan.services.some(({ service }) => service.name === one.service),
  );
  const isLeft = (name: string) => debugged.some(({ service }) => service === name);
  const own = plan.services.map(({ service }) => service).filter(({ name, command }) => command !== null && !isLeft(name));
  const { onConflict, takeOver } = order;
  const claiming = await claimContext(target, { onConflict, takeOver }, context);
  const assessments = await assess(own, claiming);
  const takeOvers = await findTakeOvers(assessments, claiming.others);
  const refused = refusalOf(assessments.filter(({ action }) => action.kind === 'refuse' || (action.kind === 'ask' && !mayAsk)));
  const left: Failure | null =
    debugged.length > 0 ? { code: 'E118', kind: 'being-debugged', services: debugged, waiting: [], kept: [] } : null;
  return ok({ stack: name, plan, assessments, takeOvers, refused: refused ?? left });
}
