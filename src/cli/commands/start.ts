/**
 * `devup start`: the stack in this process (foreground), in one of its own (`-d`), or in the one that runs already. All
 * three are a Session, and what is shown of them is the same code.
 */

import { isPassing, RETRY, untilDecided } from '../../app/session/retry.ts';
import { connectTarget, findTarget, loadTarget, type Target } from '../../app/target.ts';
import type { StartOrder } from '../../model/session.ts';
import { rootWarning } from '../as-root.ts';
import { attachStart } from '../attach.ts';
import type { Context, Parsed } from '../context.ts';
import { done, doneStarting } from '../done.ts';
import { dryRun } from '../dry-run.ts';
import { superviseForeground } from '../foreground.ts';
import { launchDetached } from '../launch-detached.ts';
import { type Screen, screen } from '../screen.ts';
import { startRequest, startTracing } from '../start-request.ts';
import { configFlag } from '../values.ts';

export async function start(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const dry = parsed.flags['dry-run'] === true;
  // As JSON a dry run is one object, and a start a line for each event.
  const refuse = dry ? done : doneStarting;
  const request = startRequest(parsed, context);
  if (!request.ok) return refuse(shown, request.failure);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return refuse(shown, target.failure);
  if (dry) return dryRun(target.value, request.value, shown, context);
  const warnOfRoot = rootWarning(target.value, shown, context);
  return untilDecided(context, () => startOnce(target.value, request.value, shown, parsed, context, warnOfRoot));
}

async function startOnce(
  target: Target,
  request: StartOrder,
  shown: Screen,
  parsed: Parsed,
  context: Context,
  warnOfRoot: () => Promise<void>,
): Promise<number | typeof RETRY> {
  const running = await connectTarget(target, context);
  if (running.ok) return attachStart(running.value, target, request, shown, parsed, context);
  if (running.failure.code !== 'E401') return isPassing(running.failure) ? RETRY : doneStarting(shown, running.failure);
  await warnOfRoot();
  if (parsed.flags['detach'] === true) return launchDetached(target, shown, context);
  const traced = startTracing(context);
  const stack = await traced.time('read the config', () => loadTarget(target, context));
  if (!stack.ok) return doneStarting(shown, stack.failure);
  return superviseForeground(target, stack.value, request, shown, parsed, context, traced);
}
