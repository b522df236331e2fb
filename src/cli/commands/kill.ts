/** `devup kill`: frees ports, whatever holds them. */

import { killPorts } from '../../app/kill/kill.ts';
import { findTarget } from '../../app/target.ts';
import { GRACE_MS } from '../../model/graces.ts';
import { jsonLine, killJson } from '../../render/json.ts';
import { killReport } from '../../render/port-tables.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, durationFlag, signalFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

/** Exits with 4 if a port is not free in the end. */
export async function kill(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const ports = await killPorts(
    {
      words: parsed.words,
      target: await findTarget(configFlag(parsed), context),
      signal: signalFlag(parsed, 'signal') ?? 'SIGTERM',
      graceMs: durationFlag(parsed, 'timeout') ?? GRACE_MS.holder,
      force: parsed.flags['force'] === true,
      dryRun: parsed.flags['dry-run'] === true,
      onSession: (services) => void (shown.json || shown.err.write(`stopping ${services.join(', ')} through the session that runs it\n`)),
    },
    context,
  );
  if (!ports.ok) return finish(shown, ports.failure);
  await shown.out.write(
    shown.json ? jsonLine(killJson(ports.value, shown.viewer)) : killReport(ports.value, { colour: shown.outColour, viewer: shown.viewer }),
  );
  return finish(shown, null, ports.value.some(({ outcome }) => outcome === 'refused' || outcome === 'failed') ? 4 : 0);
}
