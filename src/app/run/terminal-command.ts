/** Runs somebody's command on this terminal: it gets the keys and the signals; what it exits with is what we exit with. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Service } from '../../model/service.ts';
import { findProgram } from '../../supervisor/service/command-line.ts';
import { DENIED, missingFolder } from '../../supervisor/service/spawn.ts';
import type { AppContext } from '../context.ts';

export interface TerminalCommand {
  /** Null when it could not be spawned. */
  readonly pid: number | null;
  /** 128 + n when signal n ended it; 127 when it could not be spawned. */
  readonly exitCode: Promise<number>;
}

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The words behind `--` as a program that can be run, in the folder of `service`, or without one where we are. Failures:
 * E001 without any word, E102, E103, E105.
 */
export function commandAfterDashes(
  rest: readonly string[] | null,
  o: { readonly command: string; readonly service: Service | null; readonly path: string; readonly context: AppContext },
): Result<Program, Failure> {
  const [program, ...args] = rest ?? [];
  if (program === undefined) {
    return fail({
      code: 'E001',
      kind: 'usage',
      message: `devup ${o.command} needs a command behind --`,
      suggestion: null,
      command: o.command,
    });
  }
  const missing = o.service && missingFolder(o.service);
  if (missing) return fail(missing);
  const { platform } = o.context.machine;
  const found = findProgram(program, o.service?.cwd ?? o.context.cwd, o.path, platform);
  if (found && 'file' in found) return ok({ file: found.file, args });
  if (found) return fail({ code: 'E105', kind: 'spawn-failed', service: null, command: found.denied, ...DENIED });
  const path = o.path.split(delimiter);
  return fail({ code: 'E102', kind: 'command-not-found', service: null, command: program, path });
}

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** How a shell tells of a command that is not there, or may not be run; undefined where that is not what happened. */
export function shellExitCode({ code }: Failure): number | undefined {
  return code === 'E102' ? NOT_FOUND : code === 'E105' ? NOT_EXECUTABLE : undefined;
}

export function runHere(
  { file, args }: Program,
  o: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): TerminalCommand {
  const child = spawn(file, args, { cwd: o.cwd, env: o.env, stdio: 'inherit' });
  // A Ctrl-C reaches the command by itself; what it makes of it decides.
  const leave = () => undefined;
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  const handlers = { SIGINT: leave, SIGQUIT: leave, SIGTERM: pass, SIGHUP: pass };
  for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
  const exitCode = new Promise<number>((resolve) => {
    child.once('error', () => resolve(NOT_FOUND));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  }).finally(() => {
    for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
  });
  return { pid: child.pid ?? null, exitCode };
}
