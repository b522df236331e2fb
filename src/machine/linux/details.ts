/** The details of a process that devup shows to users, its environment and its container, from `/proc/PID`. */
import type { ProcessId } from '../../model/port.ts';
import { systemClock } from '../clock.ts';
import type { ProcessDetails } from '../machine.ts';
import { type Cgroup, parseCgroup } from '../parse/cgroup.ts';
import { parseBootTimeMs, parseCmdline, parseEnviron } from '../parse/proc-files.ts';
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
  // Read last: if the process is still the same, everything above belongs to it.
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

export async function variable(pid: number, name: string): Promise<string | null> {
  for (let retries = 0; ; retries++) {
    const text = readText(`/proc/${pid}/environ`);
    if (text !== '' || retries === EXEC_RETRIES || !runsFile(pid)) return parseEnviron(text ?? '', name);
    await systemClock.sleep(EXEC_PAUSE_MS);
  }
}

/** False for threads of the kernel, which have no environment. */
function runsFile(pid: number): boolean {
  return readLink(`/proc/${pid}/exe`) !== null;
}

export async function pidsWithVariable(name: string, beginning: string): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  const changing: number[] = [];
  await eachPid((pid) => {
    const text = readText(`/proc/${pid}/environ`);
    if (text === '' && runsFile(pid)) changing.push(pid);
    else if (text !== null && parseEnviron(text, name)?.startsWith(beginning)) found.add(pid);
  });
  for (const pid of changing) if ((await variable(pid, name))?.startsWith(beginning)) found.add(pid);
  return found;
}

/** During execve the environment of a process is empty for a moment, so an empty one is read again. */
const EXEC_RETRIES = 3;
const EXEC_PAUSE_MS = 1;

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
