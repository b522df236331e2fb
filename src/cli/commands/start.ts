/**
 * `devup start`: the stack in this process (foreground), in one of its own (`-d`), or in the one that runs already. All
 * three are a Session, and what is shown of them is the same code.
 */
import { attachStart } from '../attach.ts';
import type { Context, Parsed } from '../context.ts';
import { doneStarting } from '../done.ts';
import { dryRun } from '../dry-run.ts';
import { superviseForeground } from '../foreground.ts';
import { launchDetached } from '../launch-detached.ts';
import { screen } from '../screen.ts';
import { startRequest } from '../start-request.ts';
import { connectTarget, findTarget, loadTarget } from '../target.ts';

export async function start(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const request = startRequest(parsed, context);
  if (!request.ok) return doneStarting(shown, request.failure);
  const target = await findTarget(parsed, context);
  if (!target.ok) return doneStarting(shown, target.failure);
  if (parsed.flags['dry-run'] === true) return dryRun(target.value, request.value, shown, context);
  const running = await connectTarget(target.value, context);
  if (running.ok) return attachStart(running.value, target.value, request.value, shown, parsed, context);
  if (running.failure.code !== 'E401') return doneStarting(shown, running.failure);
  if (parsed.flags['detach'] === true) return launchDetached(target.value, shown, parsed, context);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return doneStarting(shown, stack.failure);
  return superviseForeground(target.value, stack.value, request.value, shown, parsed, context);
}
