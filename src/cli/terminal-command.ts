/** Runs somebody's command on this terminal: it gets the keys and the signals; what it exits with is what we exit with. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { findProgram } from '../supervisor/command-line.ts';
import type { Context } from './context.ts';

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

/** The words behind `--` as a program that is there. Failures: E001 without any, E102 (named for `service`). */
export function commandAfterDashes(
  rest: readonly string[] | null,
  o: { readonly command: string; readonly service: string; readonly cwd: string; readonly path: string; readonly context: Context },
): Result<Program, Failure> {
  const [program, ...args] = rest ?? [];
  if (program === undefined) {
    return fail({ code: 'E001', kind: 'usage', message: `devup ${o.command} needs a command behind --`, suggestion: null });
  }
  const { platform } = o.context.machine;
  const found = findProgram(program, o.cwd, o.path, platform);
  if (found && 'file' in found) return ok({ file: found.file, args });
  const path = o.path.split(platform === 'win32' ? ';' : ':');
  return fail({ code: 'E102', kind: 'command-not-found', service: o.service, command: program, path });
}

/** How a shell tells of a command that is not there. */
export const NOT_FOUND = 127;

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
