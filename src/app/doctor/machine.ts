/** The checks of `doctor` that need no stack: programs, tools, container engines, disk, environment. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import { runTool } from '../../machine/run.ts';
import type { DoctorCheck } from '../../model/doctor.ts';
import { isErrno } from '../../model/errno.ts';
import { findProgram } from '../../supervisor/service/process/command-line.ts';
import type { AppContext } from '../context.ts';

const MIB = 1024 * 1024;
const LOW_SPACE_BYTES = 500 * MIB;
const MIN_SPACE_BYTES = 50 * MIB;
/**
 * The arguments that print the version of an engine's server, and fail without one. Podman has no server, and as a user other
 * than root any command beyond `--version` leaves a process behind, which keeps the user namespace open.
 */
const ENGINES: Readonly<Record<string, readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['--version'],
  nerdctl: ['version', '--format', '{{.Server.Version}}'],
};
const ENGINE_TIMEOUT_MS = 3000;

export function checkPrograms({ invocation, version, machine }: AppContext): readonly DoctorCheck[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const old = major < 20 || (major === 20 && minor < 19);
  return [
    { name: 'devup', health: 'ok', version, bin: invocation.bin },
    { name: 'node', health: old ? 'problem' : 'ok', version: process.version, execPath: invocation.execPath },
    {
      name: 'platform',
      health: 'ok',
      system: `${machine.platform.name} ${os.arch()}, ${os.type()} ${os.release()}`,
      user: machine.uid === null ? 'unknown' : machine.uid === 0 ? 'root' : 'ordinary',
    },
  ];
}

export function checkTools(context: AppContext): DoctorCheck {
  const { needed, optional } = context.machine.platform.tools;
  const has = (tool: string) => findTool(tool, context);
  const missing = needed.filter((tool) => !has(tool));
  return {
    name: 'tools',
    health: missing.length === 0 ? 'ok' : 'problem',
    found: [...needed, ...optional].filter(has),
    missing,
    missingOptional: optional.filter((tool) => !has(tool)),
  };
}

/** For systems with /proc, where processes and listeners are read from files. */
export async function checkProcFolder(): Promise<DoctorCheck> {
  try {
    await Promise.all([readFile('/proc/self/stat'), readFile('/proc/self/net/tcp')]);
    const seen = (await readdir('/proc')).includes('1');
    return seen ? { name: '/proc', health: 'ok', state: 'readable' } : { name: '/proc', health: 'note', state: 'hidden' };
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'EACCES', 'EPERM')) throw error;
    return { name: '/proc', health: 'problem', state: { errno: String(error.code) } };
  }
}

/** `neededBy`: services that run in containers. */
export async function checkEngine(context: AppContext, neededBy: readonly string[]): Promise<DoctorCheck> {
  const installed = Object.keys(ENGINES).filter((name) => findTool(name, context));
  for (const engine of installed) {
    const { exitCode, stdout } = await runTool([engine], ENGINES[engine] ?? [], ENGINE_TIMEOUT_MS);
    const version = stdout.trim().split(' ').at(-1) ?? '';
    if (exitCode === 0) return { name: 'containers', health: 'ok', installed, running: { engine, version }, neededBy };
  }
  const health = neededBy.length > 0 ? 'problem' : installed.length === 0 ? 'ok' : 'note';
  return { name: 'containers', health, installed, running: null, neededBy };
}

/** `folder`: the place of the stack's records and logs. */
export async function checkDisk(folder: string): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(folder);
  return checkSpace(bavail * bsize);
}

export function checkSpace(freeBytes: number): DoctorCheck {
  const health = freeBytes >= LOW_SPACE_BYTES ? 'ok' : freeBytes < MIN_SPACE_BYTES ? 'problem' : 'note';
  return { name: 'disk', health, freeBytes };
}

export function checkVariables({ env }: AppContext): DoctorCheck {
  const relevant = /^(DEVUP_\w+|NODE_OPTIONS|NODE_PATH|CI|NO_COLOR|FORCE_COLOR|XDG_RUNTIME_DIR|DOCKER_HOST|https?_proxy|no_proxy)$/i;
  const variables = Object.keys(env).filter((name) => relevant.test(name) && env[name] !== undefined);
  return { name: 'environment', health: 'ok', variables: variables.toSorted() };
}

function findTool(name: string, { cwd, env, machine }: AppContext): boolean {
  const found = findProgram(name, cwd, env['PATH'] ?? '', machine.platform);
  return found !== null && 'file' in found;
}
