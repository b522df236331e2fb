/** `devup wait [service…]`: waits until services are ready, and for a session if none runs. Starts nothing. */

import { plannedNames } from '../../app/session/start.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { awaitServices } from '../../app/wait.ts';
import { exitCodeOf } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import { buildPlan, requestedServices, WHOLE_STACK } from '../../model/plan.ts';
import { unknownName } from '../../model/unknown-service.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, durationFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

export async function wait(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const unknown = unknownName(
    parsed.words,
    stack.value.services.map(({ name }) => name),
  );
  if (unknown) return finish(shown, unknown);
  const request = { ...WHOLE_STACK, services: parsed.words.length > 0 ? parsed.words : null };
  const named = requestedServices(stack.value.services, request).map((service) => service.name);
  const names = request.services ? named : plannedNames(buildPlan(stack.value.services, request));
  const timeoutMs = durationFlag(parsed, 'timeout') ?? DEFAULT_TIMEOUT_MS;
  const outcome = await awaitServices(target.value, names, timeoutMs, context);
  if (outcome.kind === 'ready') return shown.json ? printJson(shown, { ready: names }) : finish(shown, null);
  return finish(shown, outcome.failure, outcome.kind === 'failed' ? exitOf(outcome.failure) : undefined);
}

/** A timeout exits with 5, and any failed service with 7. */
function exitOf(failure: Failure): number {
  return exitCodeOf(failure) === 5 ? 5 : 7;
}
