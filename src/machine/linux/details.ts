/** The details of a process that devup shows to users, its environment and its container, from `/proc/PID`. */
import type { ProcessId } from '../../model/port.ts';
import { systemClock } from '../clock.ts';
import type { ProcessDetails } from '../machine.ts';
import { type Cgroup, parseCgroup } from '../parse/cgroup.ts';
import { parseBootTimeMs, parseCmdline, parseEnviron } from '../parse/proc-files.ts';
import { lacksEnvironment } from '../parse/proc-stat.ts';
import { userName } from '../users.ts';
import { eachPid, processNow, units } from './processes.ts';
import { ownerOf, readLink, readText } from './read.ts';

export async function details(id: ProcessId): Promise<ProcessDetails | null> {
  const folder = `/proc/${id.pid}`;
  const argv = parseCmdline(readText(`${folder}/cmdline`) ?? '');
  const executable = readLink(`${folder}/exe`);
  const cwd = readLink(`${folder}/cwd`);
  const uid = ownerOf(id.pid);
  const cgroup = cgroupOf(id.pid);
  const bootedAtMs = bootTimeMs();
  // This is read last: if the process is still the same, the facts above belong to it.
  if (processNow(id.pid)?.start !== id.start) return null;
  return {
    argv,
    executable: executable === null ? null : executable.replace(/ \(deleted\)$/, ''),
    cwd,
    uid,
    user: uid === null ? null : await userName(uid),
    startedAtMs: bootedAtMs === null ? null : Math.round(bootedAtMs + (id.start * 1000) / units().ticksPerSecond),
    container: cgroup.container,
    unit: cgroup.unit,
  };
}

export async function container(pid: number): Promise<string | null> {
  return cgroupOf(pid).container;
}

export async function controlGroup(pid: number): Promise<string | null> {
  const text = readText(`/proc/${pid}/cgroup`) ?? '';
  return /^(\d+:[^:]*:\/\n?)*$/.test(text) ? null : text;
}

export async function variable(pid: number, name: string): Promise<string | null | undefined> {
  for (let retries = 0; ; retries++) {
    const text = readText(`/proc/${pid}/environ`);
    if (text === null) return isOurs(pid) ? undefined : null;
    if (text !== '' || !isInExec(pid)) return parseEnviron(text, name);
    if (retries === EXEC_RETRIES) return undefined;
    await systemClock.sleep(EXEC_PAUSE_MS);
  }
}

/** False also if the process has ended. */
function isOurs(pid: number): boolean {
  return ownerOf(pid) === process.geteuid?.();
}

/**
 * Whether an empty environment is empty only because execve(2) has not written it yet. False for a thread of the kernel, which runs no
 * file.
 */
function isInExec(pid: number): boolean {
  return readLink(`/proc/${pid}/exe`) !== null && lacksEnvironment(readText(`/proc/${pid}/stat`) ?? '');
}

export async function pidsWithVariable(name: string, beginning: string): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  const changing: number[] = [];
  await eachPid((pid) => {
    const text = readText(`/proc/${pid}/environ`);
    if (text === '' && isInExec(pid)) changing.push(pid);
    else if (text !== null && parseEnviron(text, name)?.startsWith(beginning)) found.add(pid);
  });
  for (const pid of changing) if ((await variable(pid, name))?.startsWith(beginning)) found.add(pid);
  return found;
}

/** execve(2) takes much less than this, unless the machine is loaded or the program is on a slow disk. */
const EXEC_RETRIES = 10;
const EXEC_PAUSE_MS = 2;

/** A container or unit that devup itself runs in does not count, such as a development container or a CI runner's unit. */
function cgroupOf(pid: number): Cgroup {
  const theirs = parseCgroup(readText(`/proc/${pid}/cgroup`) ?? '');
  if (theirs.container === null && theirs.unit === null) return theirs;
  const ours = parseCgroup(readText('/proc/self/cgroup') ?? '');
  return {
    container: theirs.container === ours.container ? null : theirs.container,
    unit: theirs.unit === ours.unit ? null : theirs.unit,
  };
}

const BOOT_TIME_MS = 1000;
let boot = { readAt: Number.NEGATIVE_INFINITY, timeMs: null as number | null };

/** Cached for a second: setting the wall clock changes it, and reading it for each process takes too long. */
function bootTimeMs(): number | null {
  const now = systemClock.now();
  if (now - boot.readAt > BOOT_TIME_MS) boot = { readAt: now, timeMs: parseBootTimeMs(readText('/proc/stat') ?? '') };
  return boot.timeMs;
}
