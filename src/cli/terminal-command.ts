/** Runs somebody's command on this terminal: it gets the keys and the signals; what it exits with is what we exit with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';

export interface TerminalCommand {
  readonly exitCode: Promise<number>;
  end(signal: NodeJS.Signals): void;
}

/** E001 when there is no such program. `file` is the program as found; `argv` as it was typed. */
export function runHere(file: string, args: readonly string[], o: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> }): TerminalCommand {
  const child: ChildProcess = spawn(file, args, { cwd: o.cwd, env: o.env, stdio: 'inherit' });
  // A Ctrl-C reaches the command by itself; what it makes of it decides.
  process.on('SIGINT', () => undefined);
  process.on('SIGQUIT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const exitCode = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  return { exitCode, end: (signal) => child.kill(signal) };
}

/** The words behind `--`; E001 without any. */
export function commandAfterDashes(rest: readonly string[] | null, command: string): Result<readonly [string, ...string[]], Failure> {
  const [program, ...args] = rest ?? [];
  if (program === undefined) return fail({ code: 'E001', kind: 'usage', message: `devup ${command} needs a command behind --`, suggestion: null });
  return ok([program, ...args]);
}
