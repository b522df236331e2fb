/**
 * `devup env <service>`: prints the variables that a service gets from devup, its config and its `envFile`; with `--all`, all
 * variables.
 */
import { dotenv } from '../../render/dotenv.ts';
import { commandEnvironment } from '../../supervisor/service/process/spawn.ts';
import type { Context, Parsed } from '../context.ts';
import { namedService } from '../load-service.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function env(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const named = await namedService(parsed, context);
  if (!named.ok) return finish(shown, named.failure);
  const { stack, service } = named.value;
  const whole = commandEnvironment(service, { ...context, stack, baseEnv: context.env });
  const variables =
    parsed.flags['all'] === true ? whole : ownOf(whole, commandEnvironment(service, { ...context, stack, baseEnv: {} }), context.env);
  if (shown.json) return printJson(shown, { service: service.name, env: variables });
  await shown.out.write(dotenv(variables));
  return finish(shown, null);
}

/**
 * The variables that the service would get in an empty environment, too, with their values in the present one. Contains PATH only if devup
 * adds folders, and no PWD: who reads the lines into a shell stays in the same folder.
 */
function ownOf(whole: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>, base: Context['env']) {
  const others = Object.entries(whole).filter(([name]) => name !== 'PWD');
  return Object.fromEntries(others.filter(([name, value]) => (name === 'PATH' ? value !== base['PATH'] : name in own)));
}
