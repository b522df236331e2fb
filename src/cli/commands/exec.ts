/** `devup exec <service> -- cmd`: a command in the service's cwd and environment, on this terminal. */

import { commandAfterDashes, runHere, shellExitCode } from '../../app/run/terminal-command.ts';
import { serviceEnvironment } from '../../supervisor/service/spawn.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { namedService } from '../named-service.ts';
import { screen } from '../screen.ts';

export async function exec(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const named = await namedService(parsed, context);
  if (!named.ok) return done(shown, named.failure);
  const { stack, service } = named.value;
  const env = serviceEnvironment(service, { ...context, stack, baseEnv: context.env, colour: shown.outColour });
  const command = commandAfterDashes(parsed.rest, { command: 'exec', service, path: env['PATH'] ?? '', context });
  if (!command.ok) return done(shown, command.failure, shellExitCode(command.failure));
  return runHere(command.value, { cwd: service.cwd, env }).exitCode;
}
