/** `devup exec <service> -- cmd`: a command in the service's cwd and environment, on this terminal. */
import { serviceEnvironment } from '../../supervisor/child.ts';
import { findProgram } from '../../supervisor/command-line.ts';
import { unknownName } from '../../supervisor/names.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { screen } from '../screen.ts';
import { findTarget, loadTarget } from '../target.ts';
import { commandAfterDashes, runHere } from '../terminal-command.ts';

export async function exec(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const command = commandAfterDashes(parsed.rest, 'exec');
  if (!command.ok) return done(shown, command.failure);
  const target = await findTarget(parsed, context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const name = parsed.words[0] ?? '';
  const service = stack.value.services.find((candidate) => candidate.name === name);
  if (!service) return done(shown, unknownName([name], stack.value.services));
  const colour = context.stdout.isTTY === true;
  const env = serviceEnvironment(service, { stackName: stack.value.name, baseEnv: context.env, colour });
  const [program, ...args] = command.value;
  const file = findProgram(program, service.cwd, env['PATH'] ?? '', context.machine.platform);
  if (file === null) {
    const path = (env['PATH'] ?? '').split(':');
    return done(shown, { code: 'E102', kind: 'command-not-found', service: name, command: program, path }, 127);
  }
  return runHere(file, args, { cwd: service.cwd, env }).exitCode;
}
