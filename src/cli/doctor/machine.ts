/** What `doctor` asks of the machine, whatever the stack. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import { runTool } from '../../machine/run.ts';
import { isErrno } from '../../model/errno.ts';
import type { Check } from '../../render/doctor.ts';
import { formatBytes } from '../../render/status-table.ts';
import { findProgram } from '../../supervisor/service/process/command-line.ts';
import type { Context } from '../context.ts';

const MIB = 1024 * 1024;
/**
 * What makes each say the version of its server, and fail without one. Podman has none: whatever asks more of it than its
 * own version leaves a process behind for a user other than root (the one that holds his user namespace open).
 */
const ENGINES: Readonly<Record<string, readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['--version'],
  nerdctl: ['version', '--format', '{{.Server.Version}}'],
};
const ENGINE_TIMEOUT_MS = 3000;

export function programs({ invocation, version, machine }: Context): readonly Check[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const old = major < 20 || (major === 20 && minor < 19);
  const who = machine.uid === null ? '' : machine.uid === 0 ? ', as root' : ', as an ordinary user';
  return [
    check('devup', `${version}  ${invocation.bin}`),
    old
      ? { name: 'node', health: 'problem', text: `${process.version} is too old`, fix: 'install Node 20.19 or newer' }
      : check('node', `${process.version}  ${invocation.execPath}`),
    check('platform', `${machine.platform.name} ${os.arch()}, ${os.type()} ${os.release()}${who}`),
  ];
}

export function tools(context: Context): Check {
  const { needed, optional: used } = context.machine.platform.tools;
  const has = (tool: string) => findTool(tool, context);
  const found = [...needed, ...used].filter(has).join(', ');
  const missing = needed.filter((tool) => !has(tool));
  const others = used.filter((tool) => !has(tool));
  const text = `${found || 'none'}${others.length === 0 ? '' : `; missing, but not needed: ${others.join(', ')}`}`;
  if (missing.length === 0) return check('tools', text);
  return { name: 'tools', health: 'problem', text: `${missing.join(', ')} missing; found ${text}`, fix: `install ${missing.join(', ')}` };
}

/** Where processes are files: everything about them and about listeners is read there. */
export async function procFolder(): Promise<Check> {
  try {
    await Promise.all([readFile('/proc/self/stat'), readFile('/proc/self/net/tcp')]);
    const seen = (await readdir('/proc')).includes('1');
    if (seen) return check('/proc', 'readable');
    return { name: '/proc', health: 'note', text: 'other users’ processes are hidden (hidepid)', fix: null };
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'EACCES', 'EPERM')) throw error;
    return { name: '/proc', health: 'problem', text: `cannot be read: ${error.code}`, fix: 'mount it: mount -t proc proc /proc' };
  }
}

/** `needed`: the services that run in containers. */
export async function engine(context: Context, needed: readonly string[]): Promise<Check> {
  const installed = Object.keys(ENGINES).filter((name) => findTool(name, context));
  for (const name of installed) {
    const { exitCode, stdout } = await runTool([name], ENGINES[name] ?? [], ENGINE_TIMEOUT_MS);
    if (exitCode === 0) return check('containers', `${name} ${stdout.trim().split(' ').at(-1)}`);
  }
  const text = installed.length === 0 ? 'no engine is installed' : `${installed.join(', ')} installed, but no engine answers`;
  if (needed.length === 0) return { name: 'containers', health: installed.length === 0 ? 'ok' : 'note', text, fix: null };
  return { name: 'containers', health: 'problem', text: `${text}; needed by ${needed.join(', ')}`, fix: 'start the container engine' };
}

/** Of the file system on which the stack's records and logs are. */
export async function disk(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  return room(bavail * bsize);
}

export function room(free: number): Check {
  const text = `${formatBytes(free)} free`;
  if (free >= 500 * MIB) return check('disk', text);
  return { name: 'disk', health: free < 50 * MIB ? 'problem' : 'note', text, fix: 'free some space: logs and records may be cut off' };
}

/** Names only: the report is made to be shown to others. */
export function checkVariables({ env }: Context): Check {
  const telling = /^(DEVUP_\w+|NODE_OPTIONS|NODE_PATH|CI|NO_COLOR|FORCE_COLOR|XDG_RUNTIME_DIR|DOCKER_HOST|https?_proxy|no_proxy)$/i;
  const names = Object.keys(env).filter((name) => telling.test(name) && env[name] !== undefined);
  return check(
    'environment',
    names.length === 0
      ? 'nothing special is set'
      : names
          .toSorted()
          .map((name) => `${name}=…`)
          .join(' '),
  );
}

function findTool(name: string, { cwd, env, machine }: Context): boolean {
  const found = findProgram(name, cwd, env['PATH'] ?? '', machine.platform);
  return found !== null && 'file' in found;
}

function check(name: string, text: string): Check {
  return { name, health: 'ok', text, fix: null };
}
