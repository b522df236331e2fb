/** The surroundings of a command, read once. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { currentMachine } from '../machine/current.ts';
import type { Failure } from '../model/failure.ts';
import { Secrets } from '../model/masked.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Configs, Context, Flags, Invocation } from './context.ts';

/** E001 when the folder of `-C` is none. */
export function contextFor(invocation: Invocation, flags: Flags, configs: Configs): Result<Context, Failure> {
  const folder = flags['directory'];
  const cwd = typeof folder === 'string' ? path.resolve(folder) : process.cwd();
  if (typeof folder === 'string' && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return fail({ code: 'E001', kind: 'usage', message: `-C ${folder}: there is no such folder`, suggestion: null });
  }
  const { env, stdout, stderr } = process;
  return ok({
    invocation,
    version: __DEVUP_VERSION__,
    cwd,
    env,
    home: homedir(),
    machine: currentMachine(),
    configs,
    secrets: new Secrets(env),
    // Opened when somebody asks for it: few commands read anything.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
  });
}
