/** `devup start --dry-run`: shows waves, ports, and what a claim would do to each holder. Changes nothing. */

import { previewStart } from '../../app/preview-start.ts';
import type { Target } from '../../app/target.ts';
import type { Assessment } from '../../model/assessment.ts';
import { exitCodeOf } from '../../model/exit-code.ts';
import type { StartOrder } from '../../model/session.ts';
import { holderJson, type JsonObject } from '../../render/json.ts';
import { planTable, takeOverLines } from '../../render/port-tables.ts';
import type { Viewer } from '../../render/words/viewer.ts';
import type { Context } from '../context.ts';
import { finish, printJson } from '../screen/finish.ts';
import type { Screen } from '../screen/screen.ts';

/** Exit code 4 when a port would be refused, and 1 when somebody debugs a service. */
export async function dryRun(target: Target, order: StartOrder, shown: Screen, context: Context): Promise<number> {
  const planned = await previewStart(target, order, shown.interactive, context);
  if (!planned.ok) return finish(shown, planned.failure);
  const { stack, plan, assessments, takeOvers, refused } = planned.value;
  const exitCode = refused ? exitCodeOf(refused) : 0;
  if (shown.json) {
    const waves = plan.waves.map((wave) => wave.map(({ service }) => service.name));
    const ports = assessments.map((assessment) => assessmentJson(assessment, shown.viewer));
    return printJson(shown, { stack, waves, ports, takeOvers: takeOvers.map((takeOver) => ({ ...takeOver })) }, exitCode);
  }
  const view = { colour: shown.outColour, viewer: shown.viewer };
  await shown.out.write(planTable(plan, assessments, view) + takeOverLines(takeOvers, view));
  await shown.out.flush();
  return refused?.code === 'E118' ? finish(shown, refused) : exitCode;
}

function assessmentJson({ service, port, state, verdict, action }: Assessment, viewer: Viewer): JsonObject {
  const holders = state.kind === 'held' ? state.holders.map((holder) => holderJson(holder, viewer)) : [];
  return { service, port, verdict, action: action.kind, holders };
}
