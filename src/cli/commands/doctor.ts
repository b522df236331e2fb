/** `devup doctor`: a report to paste. Exits 1 when something is wrong; changes and signals nothing. */

import { findTarget, loadTarget } from '../../app/target.ts';
import { withoutSecrets } from '../../model/secrets.ts';
import { type Check, doctorReport } from '../../render/doctor.ts';
import type { Context, Parsed } from '../context.ts';
import { airPlay, checkHolders } from '../doctor/holders.ts';
import { checkVariables, disk, engine, procFolder, programs, tools } from '../doctor/machine.ts';
import { checkDeclaredPorts, config, leftovers, session } from '../doctor/stack.ts';
import { configFlag } from '../parse/values.ts';
import { done, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function doctor(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  const stack = target.ok ? await loadTarget(target.value, context) : null;
  const found = target.ok ? await session(target.value, context, shown.viewer) : null;
  const inContainers = stack?.ok ? stack.value.services.filter(({ listener }) => listener.kind === 'container') : [];
  const { airPlay: receiver } = context.machine.platform;
  const checks: readonly Check[] = [
    ...programs(context),
    tools(context),
    ...(context.machine.platform.processesAreFiles ? [await procFolder()] : []),
    await engine(
      context,
      inContainers.map(({ name }) => name),
    ),
    checkVariables(context),
    config(target, stack, shown.viewer),
    ...(stack?.ok ? [await checkDeclaredPorts(stack.value, context)] : []),
    ...(receiver ? [await airPlay(context.machine, receiver.ports)] : []),
    ...(found ? [found.check] : []),
    ...(target.ok && stack?.ok ? [await checkHolders(target.value, found?.snapshot ?? null, context, shown.viewer)] : []),
    ...(target.ok ? [await leftovers(target.value, found?.snapshot ?? null, context)] : []),
    await disk(target.ok ? target.value.root : context.cwd),
  ];
  const told = withoutSecrets(checks, context.secrets);
  const wrong = checks.some(({ health }) => health === 'problem');
  if (shown.json)
    return printJson(shown, { ok: !wrong, checks: told.map(({ details = [], ...check }) => ({ ...check, details })) }, wrong ? 1 : 0);
  await shown.out.write(doctorReport(told, shown.outColour));
  return done(shown, null, wrong ? 1 : 0);
}
