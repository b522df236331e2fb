/** What a person wants to know of one process, from the other files of `/proc/PID`. */
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
  // Looked at last: if the process is still the same one now, all of the above was read of it.
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
  for (let again = 0; ; again++) {
    const text = readText(`/proc/${pid}/environ`);
    if (text !== '' || again === EXEC_LOOKS || !runsFile(pid)) return parseEnviron(text ?? '', name);
    await systemClock.sleep(EXEC_PAUSE_MS);
  }
}

/** The kernel's own threads run none. */
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

/** While a process is being replaced by another program (execve), its environment is empty for a moment: that is no answer yet. */
const EXEC_LOOKS = 3;
const EXEC_PAUSE_MS = 1;

/** Our own container or unit does not count: devup may run inside a container, or under a CI runner's unit. */
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

/** It moves when the wall clock is set, so it is kept for a moment only; reading it for each process takes too long. */
function bootTimeMs(): number | null {
  const now = systemClock.now();
  if (now - boot.readAt > BOOT_TIME_MS) boot = { readAt: now, timeMs: parseBootTimeMs(readText('/proc/stat') ?? '') };
  return boot.timeMs;
}
