/** `devup exec <service> -- cmd`: runs a command on this terminal, in the service's folder and environment. */

import { runHere } from '../../app/run/terminal-command.ts';
import { serviceEnvironment } from '../../supervisor/service/process/spawn.ts';
import type { Context, Parsed } from '../context.ts';
import { exitCodeOfCommand, shellExitCode } from '../exit-code.ts';
import { namedService } from '../load-service.ts';
import { commandAfterDashes } from '../parse/command-after-dashes.ts';
import { finish } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function exec(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const named = await namedService(parsed, context);
  if (!named.ok) return finish(shown, named.failure);
  const { stack, service } = named.value;
  const env = serviceEnvironment(service, { ...context, stack, baseEnv: context.env, colour: shown.outColour });
  const command = commandAfterDashes(parsed, { service, path: env['PATH'] ?? '', context });
  if (!command.ok) return finish(shown, command.failure, shellExitCode(command.failure));
  return exitCodeOfCommand(
    await runHere(command.value, { cwd: service.cwd, env, clock: context.machine.clock, survivesHangUp: context.survivesHangUp }).exit,
  );
}
