/** `devup restart`: restarts services through the session, which reads the config again. */

import { connectTarget, declaredName, findTarget, loadTarget } from '../../app/target.ts';
import { buildPlan } from '../../model/plan.ts';
import { shownServices } from '../../model/shown-service.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { present } from '../screen/present.ts';
import { screen } from '../screen/screen.ts';
import { catchUp } from '../start/attach.ts';

export async function restart(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const session = await connectTarget(target.value, context);
  if (!session.ok) {
    const { failure } = session;
    return finish(shown, failure.code === 'E401' ? { ...failure, stack: await declaredName(target.value, context) } : failure);
  }
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) {
    session.value.close();
    return finish(shown, stack.failure);
  }
  const quiet = shown.json;
  const presentation = quiet
    ? null
    : present(session.value, shown, context, {
        services: shownServices(stack.value.services, buildPlan(stack.value.services)),
        logs: false,
        tree: false,
      });
  const services = parsed.words.length > 0 ? parsed.words : null;
  const reply = await session.value.send({ type: 'restart', services, withDependents: parsed.flags['with-dependents'] === true });
  if (presentation) {
    await catchUp(session.value, presentation, context);
    await presentation.leave();
  }
  session.value.close();
  if (!reply.ok) return finish(shown, reply.failure);
  const { started, stopped, dependents } = reply.value;
  if (quiet) return printJson(shown, { started, stopped, dependents });
  if (dependents.length > 0)
    await shown.err.write(`kept running meanwhile: ${dependents.join(', ')} (--with-dependents restarts them too)\n`);
  return finish(shown, null);
}
