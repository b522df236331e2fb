/**
 * `devup run [service…] -- cmd`: starts missing services, waits until they are ready, runs the command on this terminal, stops
 * the services that it started, and exits with the command's code. A needed service that fails ends the command.
 */

import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { execOffers } from '../../app/run/exec-offer.ts';
import { runWithStack, type StackRunEnd } from '../../app/run/run-with-stack.ts';
import { runHere } from '../../app/run/terminal-command.ts';
import { untilDecided } from '../../app/session/retry.ts';
import { planStart } from '../../app/session/start.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { failureOf } from '../../model/ending.ts';
import { codeOf } from '../../model/errno.ts';
import { exitCodeOfEnding, exitCodeOfSignal, SERVICE_FAILED } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import type { Stack } from '../../model/service.ts';
import { shownServices } from '../../model/shown-service.ts';
import { stackVariables } from '../../model/stack-variables.ts';
import { reportingOn } from '../../render/reporting.ts';
import { execOffered } from '../../render/words/exec-offer.ts';
import { searchPath } from '../../supervisor/service/process/command-line.ts';
import { inFolder } from '../../supervisor/service/process/spawn.ts';
import type { Context, Parsed } from '../context.ts';
import { exitCodeOfCommand, shellExitCode } from '../exit-code.ts';
import { commandAfterDashes } from '../parse/command-after-dashes.ts';
import { withAddresses } from '../parse/service-references.ts';
import { configFlag } from '../parse/values.ts';
import { askOn } from '../screen/ask.ts';
import { finish } from '../screen/finish.ts';
import { present } from '../screen/present.ts';
import { type Screen, screen } from '../screen/screen.ts';
import { ignoreOtherSignals, onEndSignals } from '../signals.ts';
import { readStartOrder } from '../start/start-command.ts';

export async function run(parsed: Parsed, context: Context): Promise<number> {
  // devup prints on stderr: stdout belongs to the command.
  const shown = { ...screen(parsed.flags, context), json: false };
  const { cwd, env, machine, survivesHangUp } = context;
  const path = searchPath(cwd, env['PATH'] ?? '', machine.platform);
  const command = commandAfterDashes(parsed, { service: null, path, context });
  if (!command.ok) return finishNotFound(command.failure, parsed, shown, context);
  const order = readStartOrder(parsed, context);
  if (!order.ok) return finish(shown, order.failure);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return finish(shown, stack.failure);
  const { services: declared } = stack.value;
  const args = withAddresses(command.value.args, declared, 'run');
  if (!args.ok) return finish(shown, args.failure);
  const addresses = Object.fromEntries(declared.flatMap(stackVariables).map(({ name, value }) => [name, value]));
  const program = { file: command.value.file, args: args.value };
  const commandEnv = inFolder(logicalFolder(context), { ...env, ...addresses });
  const start = planStart(target.value, stack.value, order.value);
  const services = shownServices(declared, start.plan);
  const end = await untilDecided(context, () =>
    runWithStack(
      {
        start,
        command: () => runHere(program, { cwd, env: commandEnv, clock: machine.clock, survivesHangUp }),
        reporting: reportingOn(context.machine.platform),
        ask: (over) => (shown.interactive ? askOn(shown, context, over) : null),
        onEndSignals: (handle) => onEndSignals({ clock: machine.clock, survivesHangUp }, handle),
        onOwnSession: ignoreOtherSignals,
        show: (session) => present(session, shown, context, { services, logs: false, tree: true }).leave,
      },
      context,
    ),
  );
  if (end.kind === 'exited' && exitCodeOfCommand(end.exit) !== 0) await offerExec(parsed, stack.value, shown, context);
  return finishRun(end, shown);
}

/** The folder as the shell names it: a path through a link stays as it is. A PWD of another folder (`npm --prefix`) does not count. */
function logicalFolder({ cwd, env }: Context): string {
  const pwd = env['PWD'] ?? '';
  try {
    return isAbsolute(pwd) && realpathSync(pwd) === realpathSync(cwd) ? pwd : cwd;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return cwd;
  }
}

/** The stack is loaded only to see whether one of its services has the program. */
async function finishNotFound(failure: Failure, parsed: Parsed, shown: Screen, context: Context): Promise<number> {
  const exitCode = await finish(shown, failure, shellExitCode(failure));
  const target = failure.code === 'E001' ? null : await findTarget(configFlag(parsed), context);
  const stack = target?.ok ? await loadTarget(target.value, context) : null;
  if (stack?.ok) await offerExec(parsed, stack.value, shown, context);
  return exitCode;
}

async function offerExec({ rest, words }: Parsed, stack: Stack, shown: Screen, context: Context): Promise<void> {
  const command = rest ?? [];
  const lines = execOffers(command, words, stack, context).map((offer) => execOffered(offer, command));
  await shown.err.write(lines.join(''));
}

/** Exits like the command, or with the code of the failure that prevented or ended it. */
function finishRun(end: StackRunEnd, shown: Screen): Promise<number> {
  switch (end.kind) {
    case 'exited':
      return finish(shown, end.failure, exitCodeOfCommand(end.exit) || undefined);
    case 'not-started':
      return finish(shown, end.failure);
    case 'service-failed':
      return finish(shown, end.failure, SERVICE_FAILED);
    case 'interrupted':
      return finish(shown, null, exitCodeOfSignal(end.signal));
    case 'session-ended':
      return finish(shown, failureOf(end.ending), exitCodeOfEnding(end.ending));
    default:
      return end satisfies never;
  }
}
