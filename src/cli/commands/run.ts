/**
 * `devup run [service…] -- cmd`: starts what is missing, waits until it is ready, runs the command on this terminal and
 * exits with its code; then stops only what it started. A required service that fails meanwhile ends the command.
 */

import { commandAfterDashes, runHere, shellExitCode } from '../../app/run/terminal-command.ts';
import { untilDecided } from '../../app/session/retry.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { searchPath } from '../../supervisor/service/command-line.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { screen } from '../screen.ts';
import { startRequest } from '../start-request.ts';
import { configFlag } from '../values.ts';
import { runWithStack } from '../with-stack.ts';

export async function run(parsed: Parsed, context: Context): Promise<number> {
  // stdout is the command's.
  const shown = { ...screen(parsed.flags, context), json: false };
  const { cwd, env, machine } = context;
  const path = searchPath(cwd, env['PATH'] ?? '', machine.platform);
  const command = commandAfterDashes(parsed.rest, { command: 'run', service: null, path, context });
  if (!command.ok) return done(shown, command.failure, shellExitCode(command.failure));
  const request = startRequest(parsed, context);
  if (!request.ok) return done(shown, request.failure);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const begin = () => runHere(command.value, { cwd, env });
  const job = { target: target.value, stack: stack.value, request: request.value, shown, context, begin };
  return untilDecided(context, () => runWithStack(job));
}
