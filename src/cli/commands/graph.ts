/** `devup graph [service…]`: draws the order of a start as a tree, mermaid or dot. Starts nothing. */

import { findTarget, loadTarget } from '../../app/target.ts';
import { buildPlan, WHOLE_STACK } from '../../model/plan.ts';
import { unknownName } from '../../model/unknown-service.ts';
import { drawGraph as drawn, graphJson } from '../../render/graph.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, drawingFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function graph(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const { name, services } = stack.value;
  const unknown = unknownName(
    parsed.words,
    services.map((service) => service.name),
  );
  if (unknown) return finish(shown, unknown);
  // Without names, the graph includes the optional services.
  const wanted = parsed.words.length > 0 ? parsed.words : services.map((service) => service.name);
  const plan = buildPlan(services, { ...WHOLE_STACK, services: wanted });
  if (shown.json) return printJson(shown, { stack: name, ...graphJson(plan) });
  await shown.out.write(drawn(plan, name, drawingFlag(parsed), shown.outColour));
  return finish(shown, null);
}
