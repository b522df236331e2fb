/** Reads the context of a command from the process. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { contextOf, type Invocation } from '../app/context.ts';
import { survivesHangUp } from '../machine/hang-up.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { FileWarning } from '../model/service.ts';
import type { Context, Flags } from './context.ts';

/** Fails with E001 if the folder of `-C` or the working directory does not exist or cannot be entered. */
export function contextFor(invocation: Invocation, flags: Flags): Result<Context, Failure> {
  const cwd = workingFolder(flags);
  return cwd.ok ? ok(contextIn(cwd.value, invocation)) : cwd;
}

export function contextIn(cwd: string, invocation: Invocation): Context {
  const { env, stdout, stderr } = process;
  return {
    ...contextOf({ invocation, cwd, env }),
    // Opened on first use: few commands read anything.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    onWarning: warnOnce(stderr),
    survivesHangUp: survivesHangUp(env, process.ppid),
  };
}

/** Prints each warning once, however often the command loads the config and however many services name the file. */
function warnOnce(stderr: NodeJS.WriteStream): (warning: FileWarning) => void {
  const printed = new Set<string>();
  return ({ file, line, message }) => {
    const text = `! warning: ${file}${line === null ? '' : `:${line}`} ${message}\n`;
    if (!printed.has(text)) stderr.write(text);
    printed.add(text);
  };
}

function workingFolder({ directory }: Flags): Result<string, Failure> {
  try {
    if (typeof directory !== 'string') return ok(process.cwd());
    const folder = path.resolve(directory);
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? ok(folder) : refused(`-C ${directory}: there is no such folder`);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    // A relative folder of `-C` needs the working directory as well.
    if (error.syscall === 'uv_cwd') return refused('the working directory no longer exists');
    return refused(`-C ${directory}: it cannot be entered (${error.code})`);
  }
}

function refused(message: string): Result<never, Failure> {
  return fail({ code: 'E001', kind: 'usage', message, suggestion: null });
}
