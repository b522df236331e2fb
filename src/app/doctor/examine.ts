/** Runs all checks of `doctor`, in the order of its report. Changes and signals nothing. */
import type { DoctorCheck } from '../../model/doctor.ts';
import type { AppContext } from '../context.ts';
import { findTarget, loadTarget } from '../target.ts';
import { checkAirPlay, checkHolders } from './holders.ts';
import { checkDisk, checkEngine, checkProcFolder, checkPrograms, checkTools, checkVariables } from './machine.ts';
import { checkConfig, checkDeclaredPorts, checkLeftovers, checkSession } from './stack.ts';

/** `config`: the file to read; null: the one that is found. */
export async function examine(config: string | null, context: AppContext): Promise<readonly DoctorCheck[]> {
  const target = await findTarget(config, context);
  const stack = target.ok ? await loadTarget(target.value, context) : null;
  const session = target.ok ? await checkSession(target.value, context) : null;
  const snapshot = session?.snapshot ?? null;
  const inContainers = stack?.ok ? stack.value.services.filter(({ listener }) => listener.kind === 'container') : [];
  const { airPlay, processesAreFiles } = context.machine.platform;
  return [
    ...checkPrograms(context),
    checkTools(context),
    ...(processesAreFiles ? [await checkProcFolder()] : []),
    await checkEngine(
      context,
      inContainers.map(({ name }) => name),
    ),
    checkVariables(context),
    checkConfig(target, stack),
    ...(stack?.ok ? [await checkDeclaredPorts(stack.value, context)] : []),
    ...(airPlay ? [await checkAirPlay(context.machine, airPlay.ports)] : []),
    ...(session ? [session.check] : []),
    ...(target.ok && stack?.ok ? [await checkHolders(target.value, snapshot, context)] : []),
    ...(target.ok ? [await checkLeftovers(target.value, snapshot, context)] : []),
    await checkDisk(target.ok ? target.value.root : context.cwd),
  ];
}
