/**
 * `devup start`: runs the stack in this process (foreground), in its own process (`-d`), or through the running session. All
 * three are a `Session`, so the same code shows them.
 */

import { isPassing, type Undecided, untilDecided } from '../../app/session/retry.ts';
import { planStart } from '../../app/session/start.ts';
import { connectTarget, findTarget, loadTarget, type Target } from '../../app/target.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish, finishStart } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';
import { attachStart } from '../start/attach.ts';
import { dryRun } from '../start/dry-run.ts';
import { superviseForeground } from '../start/foreground.ts';
import { launchDetached } from '../start/launch.ts';
import { rootWarning } from '../start/root-warning.ts';
import { readStartCommand, type StartCommand } from '../start/start-command.ts';

export async function start(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const dry = parsed.flags['dry-run'] === true;
  // A dry run prints one JSON object, and a start one line for each event.
  const refuse = dry ? finish : finishStart;
  const command = readStartCommand(parsed, shown, context);
  if (!command.ok) return refuse(shown, command.failure);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return refuse(shown, target.failure);
  if (dry) return dryRun(target.value, command.value.order, shown, context);
  const warnOfRoot = rootWarning(target.value, shown, context);
  return untilDecided(context, () => startOnce(target.value, command.value, warnOfRoot));
}

async function startOnce(target: Target, command: StartCommand, warnOfRoot: () => Promise<void>): Promise<number | Undecided> {
  const { shown, context, tracing } = command;
  const running = await connectTarget(target, context);
  if (running.ok) return attachStart(running.value, target, command);
  if (running.failure.code !== 'E401') return isPassing(running.failure) ? 'undecided' : finishStart(shown, running.failure);
  await warnOfRoot();
  if (command.detach) return launchDetached(target, command);
  const stack = await tracing.time('read the config', () => loadTarget(target, context));
  if (!stack.ok) return finishStart(shown, stack.failure);
  return superviseForeground(planStart(target, stack.value, command.order), command);
}
