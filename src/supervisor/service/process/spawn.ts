/** Spawns one service, with a session of its own, an open stdin, pipes for its output, and the marker. */
import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { Readable } from 'node:stream';
import type { Machine } from '../../../machine/machine.ts';
import { DEBUG_VARIABLE } from '../../../model/debugger.ts';
import { codeOf } from '../../../model/errno.ts';
import type { Failure } from '../../../model/failure.ts';
import type { Platform } from '../../../model/platform.ts';
import type { ProcessId } from '../../../model/port.ts';
import { fail, ok, type Result } from '../../../model/result.ts';
import { type Command, portVariable, type Service, type Stack } from '../../../model/service.ts';
import { formatMarker, MARKER_VARIABLE, type RunMarker } from '../../../model/stack-id.ts';
import { closeWriteEnd, type FifoPool } from '../../output/fifo.ts';
import { type Pipe, pipeOf } from '../../output/pipe.ts';
import { argvOf, findProgram, searchPath } from './command-line.ts';
import { descriptorLimit, leavesEnough } from './descriptors.ts';
import { installForProgram } from './install-command.ts';

export interface Child {
  readonly id: ProcessId;
  /** The file of its program. */
  readonly program: string;
  /** The names of the files that its output goes to. */
  readonly outputs: readonly string[];
  readonly stdout: Pipe;
  /** Null: `stdout` carries both, in order. */
  readonly stderr: Pipe | null;
  /** Resolves on `exit`, not on `close`, which an orphan that holds the pipe would delay. */
  readonly exited: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
}

/** The session's contribution to the environment of a service's processes. */
export interface EnvironmentContext {
  readonly machine: Pick<Machine, 'platform'>;
  readonly stack: Pick<Stack, 'name'>;
  /** The environment of the command that began the session. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** The output goes to a terminal that supports colour. */
  readonly colour: boolean;
}

export interface ChildContext extends EnvironmentContext {
  readonly machine: Machine;
  readonly fifos: FifoPool;
  readonly marker: RunMarker;
}

/** The environment of a service's main process, without markers. */
export function serviceEnvironment(service: Service, context: EnvironmentContext): Record<string, string> {
  const env: Record<string, string | undefined> = { ...service.envFileValues, ...context.baseEnv, ...service.env };
  delete env[MARKER_VARIABLE];
  delete env[DEBUG_VARIABLE];
  const [main, ...others] = service.ports;
  if (main) env['PORT'] = String(main.port);
  else if (!('PORT' in service.env)) delete env['PORT'];
  for (const { name, port } of others) env[portVariable(name)] = String(port);
  env['DEVUP_STACK'] = context.stack.name;
  env['DEVUP_SERVICE'] = service.name;
  env['PYTHONUNBUFFERED'] ??= '1';
  setColours(env, service, context);
  env['PATH'] = searchPath(service.cwd, env['PATH'] ?? '', context.machine.platform);
  const set = Object.entries(inFolder(service.cwd, env));
  return Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The service's own variables beat the terminal's wish for colours, and its `env` also beats the caller's opposite variable. */
function setColours(env: Record<string, string | undefined>, { env: own }: Service, { colour }: EnvironmentContext): void {
  if (own['NO_COLOR'] && own['FORCE_COLOR'] === undefined) delete env['FORCE_COLOR'];
  if (own['FORCE_COLOR'] !== undefined && own['NO_COLOR'] === undefined) delete env['NO_COLOR'];
  if (colour && !env['NO_COLOR']) env['FORCE_COLOR'] ??= '1';
}

/** Without a shell between, PWD would be the folder of devup's caller, which `docker compose` and scripts take for their own. */
export function inFolder(
  cwd: string,
  { OLDPWD: _, ...env }: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return { ...env, PWD: cwd };
}

/** The environment of a service's `ready`, `health` and `stop` commands, whose output no terminal shows. */
export function commandEnvironment(service: Service, context: Omit<EnvironmentContext, 'colour'>): Record<string, string> {
  return serviceEnvironment(service, { ...context, colour: false });
}

/** Finds a command's program. Failures: E102 with the PATH that was searched, E103, E105. */
export function locate(
  service: Service,
  command: Command,
  env: Readonly<Record<string, string>>,
  platform: Platform,
): Result<{ file: string; args: readonly string[]; env: Record<string, string> }, Failure> {
  const missing = missingFolder(service);
  if (missing) return fail(missing);
  const { argv, env: assigned } = argvOf(command, platform);
  const [program, ...args] = argv;
  // `PATH=… program` searches the assigned PATH.
  const path = assigned['PATH'] ?? env['PATH'] ?? '';
  const found = findProgram(program, service.cwd, path, platform);
  if (found === null) {
    return fail({
      code: 'E102',
      kind: 'command-not-found',
      service: service.name,
      command: program,
      path: path.split(delimiter).filter(Boolean),
      ...installForProgram(service.cwd, program),
    });
  }
  if ('denied' in found) {
    return fail({ code: 'E105', kind: 'spawn-failed', service: service.name, command: found.denied, ...DENIED });
  }
  const { file } = found;
  return ok({ file, args, env: { ...env, ...assigned } });
}

/** The facts of E105 for a program that may not be executed. */
export const DENIED = { errno: 'EACCES', message: 'it is not executable, or a folder in its path is closed to you' } as const;

/** E103 if the service's folder does not exist; else null. */
export function missingFolder({ name, cwd }: Service): Failure | null {
  const isFolder = statSync(cwd, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? null : { code: 'E103', kind: 'cwd-missing', service: name, cwd };
}

class OutOfDescriptors extends Error {
  readonly code = 'EMFILE';
  constructor() {
    super(`one more service would take the descriptors that the session needs to answer and to stop (the limit is ${descriptorLimit()})`);
  }
}

/** Requires a call of `FifoPool.fill` before. Failures: E102, E103, E105. */
export async function spawnService(service: Service, command: Command, context: ChildContext): Promise<Result<Child, Failure>> {
  const located = locate(service, command, serviceEnvironment(service, context), context.machine.platform);
  if (!located.ok) return located;
  const { file, args, env } = located.value;
  const out = context.fifos.take();
  // Only a FIFO can be given to the child twice: without one, as on Windows, the streams stay apart.
  const isMerged = service.output === 'merged' && out !== null;
  const err = isMerged ? null : context.fifos.take();
  const failed = (error: Error) => {
    out?.reader.destroy();
    err?.reader.destroy();
    const errno = codeOf(error) ?? 'unknown';
    return fail({ code: 'E105', kind: 'spawn-failed', service: service.name, command: file, errno, message: error.message } as const);
  };
  let child: ChildProcess;
  try {
    const last = err ?? out;
    if (last && !leavesEnough(last.writeFd)) return failed(new OutOfDescriptors());
    child = process.getBuiltinModule('node:child_process').spawn(file, args, {
      cwd: service.cwd,
      env: { ...env, [MARKER_VARIABLE]: formatMarker(context.marker) },
      detached: context.machine.platform.hasProcessGroups,
      windowsHide: true,
      windowsVerbatimArguments: command.kind === 'line',
      stdio: ['pipe', out?.writeFd ?? 'pipe', isMerged ? out.writeFd : (err?.writeFd ?? 'pipe')],
    });
  } catch (error) {
    // Node throws some errors instead of emitting them: E2BIG, ENOMEM, ELOOP, a null byte in an argument.
    if (error instanceof Error && codeOf(error) !== null) return failed(error);
    throw error;
  } finally {
    closeWriteEnd(out);
    closeWriteEnd(err);
  }
  // A service may close its stdin.
  child.stdin?.on('error', () => undefined);
  if (child.pid === undefined) return failed(await new Promise<Error>((resolve) => child.once('error', resolve)));
  const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const row = await context.machine.process(child.pid);
  // A child that is not in the process table has ended already; `exited` reports how.
  return ok({
    id: { pid: child.pid, start: row?.start ?? 0 },
    program: file,
    outputs: [out, err].flatMap((pipe) => pipe?.name ?? []),
    stdout: out?.reader ?? pipeOf(child.stdout as Readable),
    stderr: isMerged ? null : (err?.reader ?? pipeOf(child.stderr as Readable)),
    exited,
  });
}
