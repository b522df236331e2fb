/** `devup doctor`: prints a report to paste into an issue. Exits with 1 on a problem. Changes nothing, sends no signals. */
import { examine } from '../../app/doctor/examine.ts';
import { withoutSecrets } from '../../model/secrets.ts';
import { doctorReport } from '../../render/doctor.ts';
import { doctorLine } from '../../render/words/doctor.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function doctor(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const checks = await examine(configFlag(parsed), context);
  const wrong = checks.some(({ health }) => health === 'problem');
  const lines = withoutSecrets(
    checks.map((check) => doctorLine(check, shown.viewer)),
    context.secrets,
  );
  if (shown.json)
    return printJson(shown, { ok: !wrong, checks: lines.map(({ details = [], ...line }) => ({ ...line, details })) }, wrong ? 1 : 0);
  await shown.out.write(doctorReport(lines, shown.outColour));
  return finish(shown, null, wrong ? 1 : 0);
}
