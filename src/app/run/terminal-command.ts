/** Runs a user's command on this terminal, where it gets the keys and the signals. */
import { delimiter } from 'node:path';
import type { Clock } from '../../machine/machine.ts';
import type { Failure } from '../../model/failure.ts';
import { COPIED_SIGNAL_MS } from '../../model/graces.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Service } from '../../model/service.ts';
import { findProgram } from '../../supervisor/service/process/command-line.ts';
import { installForProgram } from '../../supervisor/service/process/install-command.ts';
import { DENIED, missingFolder } from '../../supervisor/service/process/spawn.ts';
import type { AppContext } from '../context.ts';

export interface TerminalCommand {
  /** Null when it could not be spawned. */
  readonly pid: number | null;
  readonly exit: Promise<CommandExit>;
}

export type CommandExit =
  | { readonly by: 'itself'; readonly status: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals }
  /** It could not be spawned. */
  | { readonly by: 'nothing' };

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** Finds the program of a command line, seen from the folder of `service` or the working directory. Failures: E102, E103, E105. */
export function findCommand(
  [program, ...args]: readonly [string, ...string[]],
  o: { readonly service: Service | null; readonly path: string; readonly context: AppContext },
): Result<Program, Failure> {
  const missing = o.service && missingFolder(o.service);
  if (missing) return fail(missing);
  const { platform } = o.context.machine;
  const cwd = o.service?.cwd ?? o.context.cwd;
  const found = findProgram(program, cwd, o.path, platform);
  if (found && 'file' in found) return ok({ file: found.file, args });
  if (found) return fail({ code: 'E105', kind: 'spawn-failed', service: null, command: found.denied, ...DENIED });
  const path = o.path.split(delimiter);
  return fail({ code: 'E102', kind: 'command-not-found', service: null, command: program, path, ...installForProgram(cwd, program) });
}

export interface RunsHere {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Whether SIGHUP is ignored, here and by the command. */
  readonly survivesHangUp: boolean;
}

export function runHere(program: Program, { cwd, env, clock, survivesHangUp }: RunsHere): TerminalCommand {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { file, args } = survivesHangUp ? withoutHangUp(program) : program;
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  // The terminal sends Ctrl-C to the command as well, which decides what to do.
  const ignore = () => undefined;
  const forwardedAt = new Map<NodeJS.Signals, number>();
  const forward = (signal: NodeJS.Signals) => {
    if (clock.now() < (forwardedAt.get(signal) ?? Number.NEGATIVE_INFINITY) + COPIED_SIGNAL_MS) return;
    forwardedAt.set(signal, clock.now());
    child.kill(signal);
  };
  const handlers = { SIGINT: ignore, SIGQUIT: ignore, SIGTERM: forward, SIGHUP: survivesHangUp ? ignore : forward };
  for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
  const exit = new Promise<CommandExit>((resolve) => {
    child.once('error', () => resolve({ by: 'nothing' }));
    child.once('exit', (status, signal) => resolve(signal ? { by: 'signal', signal } : { by: 'itself', status: status ?? 0 }));
  }).finally(() => {
    for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
  });
  return { pid: child.pid ?? null, exit };
}

/** Node gives signals their default effect in what it spawns, so a shell has to ignore SIGHUP before it becomes the command. */
function withoutHangUp({ file, args }: Program): Program {
  return { file: 'sh', args: ['-c', `trap '' HUP; exec "$@"`, 'sh', file, ...args] };
}
