/**
 * `devup debug <service> [-- cmd]`: runs the service's command on this terminal, so that a debugger gets the keys.
 *
 *   the session hands the service over (stops it, and waits for it) ──▶ its ports are claimed ──▶ the command runs here
 *                                                             ──▶ the session starts the service again
 *
 * The first and the last step are skipped if no session runs the service.
 */

import { claimPorts } from '../../app/claim.ts';
import { borrowService } from '../../app/run/borrow.ts';
import { type Program, runHere } from '../../app/run/terminal-command.ts';
import { connectTarget, type Target } from '../../app/target.ts';
import type { RemoteSession } from '../../control/remote-session.ts';
import { exitCodeOfSignal } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import type { Holder } from '../../model/port.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Service } from '../../model/service.ts';
import { describeHolder } from '../../render/words/holder.ts';
import { locate, serviceEnvironment } from '../../supervisor/service/process/spawn.ts';
import type { Context, Parsed } from '../context.ts';
import { exitCodeOfCommand, shellExitCode } from '../exit-code.ts';
import { namedService } from '../load-service.ts';
import { commandAfterDashes } from '../parse/command-after-dashes.ts';
import { askOn } from '../screen/ask.ts';
import { finish } from '../screen/finish.ts';
import { type Screen, screen } from '../screen/screen.ts';
import { onEndSignals } from '../signals.ts';

interface Job {
  readonly service: Service;
  readonly program: Program & { readonly env: Readonly<Record<string, string>> };
  readonly target: Target;
  readonly shown: Screen;
  readonly context: Context;
}

/** Exits like the command, or with the failure's code if the service cannot be started again. */
export async function debug(parsed: Parsed, context: Context): Promise<number> {
  // devup prints on stderr: stdout belongs to the command.
  const shown = { ...screen(parsed.flags, context), json: false };
  const named = await namedService(parsed, context);
  if (!named.ok) return finish(shown, named.failure);
  const { target, stack, service } = named.value;
  const env = serviceEnvironment(service, { ...context, stack, baseEnv: context.env, colour: shown.outColour });
  const program = programOf(service, parsed, env, context);
  if (!program.ok) return finish(shown, program.failure, shellExitCode(program.failure));
  const job = { service, program: program.value, target, shown, context };
  const session = await connectTarget(target, context);
  if (!session.ok && session.failure.code !== 'E401') return finish(shown, session.failure);
  if (!session.ok) return runCommand(job);
  const exitCode = await runBorrowed(session.value, job);
  session.value.close();
  return exitCode;
}

function programOf(service: Service, parsed: Parsed, env: Record<string, string>, context: Context): Result<Job['program'], Failure> {
  if (parsed.rest) {
    const path = env['PATH'] ?? '';
    const found = commandAfterDashes(parsed, { service, path, context });
    return found.ok ? ok({ ...found.value, env }) : found;
  }
  if (service.command) return locate(service, service.command, env, context.machine.platform);
  const message = `${service.name} has no command of its own; give one: devup debug ${service.name} -- <command…>`;
  return fail({ code: 'E001', kind: 'usage', message, suggestion: null });
}

async function runBorrowed(session: RemoteSession, job: Job): Promise<number> {
  const { service, shown } = job;
  // Ctrl-C before the command runs must not prevent the restart of the service.
  const left = new AbortController();
  let off: () => void = () => undefined;
  const outcome = await borrowService(session, service.name, {
    async onStopped(dependents) {
      const others =
        dependents.length > 0 ? `; ${dependents.join(', ')} ${dependents.length === 1 ? 'keeps' : 'keep'} running without it` : '';
      await shown.err.write(`${service.name} was stopped in the session and returns to it when this command ends${others}\n`);
    },
    run: () => runCommand(job, left.signal),
    beforeStop: () => {
      off = onEndSignals((signal) => left.abort(exitCodeOfSignal(signal)));
    },
  });
  off();
  if (outcome.kind === 'not-running') return runCommand(job);
  if (outcome.kind === 'refused') return finish(shown, outcome.failure);
  if (!outcome.failure) await shown.err.write(`${service.name} runs in the session again\n`);
  return finish(shown, outcome.failure, outcome.failure ? undefined : outcome.value);
}

/** `left` aborts, with an exit code as its reason, on Ctrl-C before the command runs. */
async function runCommand({ service, program, target, shown, context }: Job, left = new AbortController().signal): Promise<number> {
  const say = (port: number, text: string) => void shown.err.write(`port ${port} ${text}\n`);
  const talk = {
    ask: shown.interactive ? askOn(shown, context, left) : null,
    onFreeing: (port: number, holders: readonly Holder[]) =>
      say(port, `is held by ${holders.map((holder) => describeHolder(holder, shown.viewer)).join(', ')}; freeing it`),
    onFreed: (port: number) => say(port, 'is free now'),
  };
  const refused = service.ports.length > 0 ? await claimPorts(service, target, talk, context) : null;
  if (refused) return finish(shown, refused);
  await shown.err.flush();
  if (left.aborted) return Number(left.reason);
  return exitCodeOfCommand(await runHere(program, { cwd: service.cwd, env: program.env }).exit);
}
