/** `devup kill`: frees ports, whatever holds them. */

import { killPorts } from '../../app/kill/kill.ts';
import { findTarget } from '../../app/target.ts';
import type { Failure } from '../../model/failure.ts';
import { GRACE_MS } from '../../model/graces.ts';
import { jsonLine, killJson } from '../../render/json.ts';
import { killReport } from '../../render/port-tables.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag, durationFlag, signalFlag } from '../parse/values.ts';
import { finish } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

/** Exits with 4 if a port is not free in the end, and with E118 if somebody debugs a named service that holds no port. */
export async function kill(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const killed = await killPorts(
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
  if (!killed.ok) return finish(shown, killed.failure);
  const { ports, debugged } = killed.value;
  await shown.out.write(
    shown.json ? jsonLine(killJson(ports, shown.viewer)) : killReport(ports, { colour: shown.outColour, viewer: shown.viewer }),
  );
  if (ports.some(({ outcome }) => outcome === 'refused' || outcome === 'failed')) return finish(shown, null, 4);
  // The refusal of its port names a debugged service that holds one.
  if (debugged.length === 0) return finish(shown, null);
  const failure: Failure = { code: 'E118', kind: 'being-debugged', services: debugged, waiting: [], kept: [] };
  return finish({ ...shown, json: false }, failure);
}
