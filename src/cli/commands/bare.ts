/** `devup` without a command: prints the status, or how to begin without a config. It runs a new config only if that is named. */
import { findTarget, isKnownTarget } from '../../app/target.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';
import { statusOf } from './status.ts';

export async function bare(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (target.ok) {
    const { location } = target.value;
    const isNamed = configFlag(parsed) !== null || Boolean(context.env['DEVUP_CONFIG']);
    if (location === null || isNamed || (await isKnownTarget(target.value, context))) return statusOf(target.value, parsed, shown, context);
    return finish(shown, { code: 'E308', kind: 'config-unknown', file: location.file });
  }
  if (target.failure.code !== 'E301' || shown.json) return finish(shown, target.failure);
  await shown.out.write(HOW_TO_BEGIN);
  return finish(shown, null);
}

const HOW_TO_BEGIN = `There is no orchestrator.config.ts here or above. Write one beside your package.json:

  import { defineConfig } from 'devup';
  export default defineConfig({
    services: {
      backend: { port: 8000, command: 'npm run dev', ready: { http: '/health' } },
    },
  });

Then:  devup start        everything, in order; Ctrl-C stops it
       devup kill 8000    free a port, with or without a config
       devup --help       all commands
`;
