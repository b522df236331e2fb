/**
 * `devup debug <service> [-- cmd]`: runs the service's command on this terminal, so that a debugger gets the keys.
 *
 *   the session hands the service over (stops it, and waits for it) ──▶ its ports are claimed ──▶ the command runs here
 *                                                             ──▶ the session starts the service again
 *
 * Without a session only the ports are claimed (`app/run/debug-service.ts`).
 */

import { claimPorts } from '../../app/claim.ts';
import { type DebugExit, debugService } from '../../app/run/debug-service.ts';
import { type Program, runHere, type TerminalCommand } from '../../app/run/terminal-command.ts';
import type { Target } from '../../app/target.ts';
import { exitCodeOfSignal } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import type { Holder } from '../../model/port.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Service } from '../../model/service.ts';
import { describeHolder } from '../../render/words/holder.ts';
import { words } from '../../render/words.ts';
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
  return runInPlace({ service, program: program.value, target, shown, context });
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

async function runInPlace(job: Job): Promise<number> {
  const { service, target, shown, context } = job;
  const { survivesHangUp, machine } = context;
  const { clock } = machine;
  // Ctrl-C before the command runs must not prevent the restart of the service.
  const left = new AbortController();
  let off: () => void = () => undefined;
  let wasStopped = false;
  const outcome = await debugService(
    {
      target,
      service: service.name,
      ports: service.ports.map(({ port }) => port),
      survivesHangUp,
      beforeStop: () => {
        off = onEndSignals({ clock, survivesHangUp }, (signal) => left.abort(exitCodeOfSignal(signal)));
      },
      async onHandedOver({ stopped, dependents }) {
        wasStopped = stopped;
        if (!stopped) return;
        const keep = `${dependents.join(', ')} ${dependents.length === 1 ? 'keeps' : 'keep'} running without it`;
        const others = dependents.length > 0 ? `; ${keep}` : '';
        await shown.err.write(`${service.name} was stopped in the session and returns to it when this command ends${others}\n`);
      },
      async onUnrecorded(failure) {
        await shown.err.write(`other commands cannot see that ${service.name} is debugged: ${words(failure, shown.viewer).what}\n`);
      },
      run: (variables, spawned) => runCommand(job, { variables, spawned, left: left.signal }),
    },
    context,
  );
  off();
  if (outcome.kind === 'refused') return finish(shown, outcome.failure);
  const { back, exit } = outcome;
  if (back.kind === 'failed') return finish(shown, back.failure);
  if (back.kind === 'runs') await shown.err.write(`${service.name} runs in the session again\n`);
  if (back.kind === 'no-session' && wasStopped) await shown.err.write(`the session has ended meanwhile, so ${service.name} does not run\n`);
  return finish(shown, null, typeof exit === 'number' ? exit : exitCodeOfCommand(exit));
}

interface Run {
  readonly variables: Readonly<Record<string, string>>;
  readonly spawned: (command: TerminalCommand) => void;
  /** Aborts, with an exit code as its reason, on Ctrl-C before the command runs. */
  readonly left: AbortSignal;
}

/** Resolves with an exit code if the command did not run. */
async function runCommand({ service, program, target, shown, context }: Job, { variables, spawned, left }: Run): Promise<DebugExit> {
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
  const command = runHere(program, {
    cwd: service.cwd,
    env: { ...program.env, ...variables },
    clock: context.machine.clock,
    survivesHangUp: context.survivesHangUp,
  });
  spawned(command);
  return command.exit;
}
