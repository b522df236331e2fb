/** `devup exec <service> -- cmd`: a command in the service's cwd and environment, on this terminal. */
import { serviceEnvironment } from '../../supervisor/child.ts';
import { unknownName } from '../../supervisor/names.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { screen } from '../screen.ts';
import { findTarget, loadTarget } from '../target.ts';
import { commandAfterDashes, NOT_FOUND, runHere } from '../terminal-command.ts';

export async function exec(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(parsed, context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const name = parsed.words[0] ?? '';
  const service = stack.value.services.find((candidate) => candidate.name === name);
  if (!service) return done(shown, unknownName([name], stack.value.services));
  const { cwd } = service;
  const env = serviceEnvironment(service, { stackName: stack.value.name, baseEnv: context.env, colour: shown.outColour });
  const command = commandAfterDashes(parsed.rest, { command: 'exec', service: name, cwd, path: env['PATH'] ?? '', context });
  if (!command.ok) return done(shown, command.failure, command.failure.code === 'E102' ? NOT_FOUND : undefined);
  return runHere(command.value, { cwd, env }).exitCode;
}
