/** The details of a process that devup shows to users, its environment and its container, from `/proc/PID`. */
import type { ProcessId } from '../../model/port.ts';
import { systemClock } from '../clock.ts';
import type { ProcessDetails, ProcessWithVariable } from '../machine.ts';
import { type Cgroup, parseCgroup } from '../parse/cgroup.ts';
import { parseBootTimeMs, parseCmdline, parseEnviron } from '../parse/proc-files.ts';
import { hasNoVariables } from '../parse/proc-stat.ts';
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
  const text = await environmentOf(pid);
  if (typeof text === 'string') return parseEnviron(text, name);
  return text === undefined || isOurs(pid) ? undefined : null;
}

/** Newest first: the youngest link of a chain of short-lived processes is read right after it was listed. */
export async function processesWithVariable(name: string, beginning: string): Promise<ReadonlyMap<number, ProcessWithVariable>> {
  const found = new Map<number, ProcessWithVariable>();
  const changing: number[] = [];
  const add = (pid: number, text: string) => {
    const value = parseEnviron(text, name);
    const row = value?.startsWith(beginning) ? processNow(pid) : null;
    if (value && row) found.set(pid, { ...row, value });
  };
  await eachPid((pid) => {
    const text = environmentNow(pid);
    if (text === undefined) changing.push(pid);
    else if (text !== null) add(pid, text);
  });
  for (const pid of changing) {
    const text = await environmentOf(pid);
    if (typeof text === 'string') add(pid, text);
    const row = text === undefined ? processNow(pid) : null;
    if (row) found.set(pid, { ...row, value: null });
  }
  return found;
}

/** As `environmentNow`, but waits for the end of an execve(2). */
async function environmentOf(pid: number): Promise<string | null | undefined> {
  for (let retries = 0; ; retries++) {
    const text = environmentNow(pid);
    if (text !== undefined || retries === EXEC_RETRIES) return text;
    await systemClock.sleep(EXEC_PAUSE_MS);
  }
}

/** execve(2) takes much less than these pauses, unless the machine is loaded or the program is on a slow disk. */
const EXEC_RETRIES = 10;
const EXEC_PAUSE_MS = 2;

/** The environment. Null: the process has ended or may not be read. Undefined: it is in execve(2), which has not written it yet. */
function environmentNow(pid: number): string | null | undefined {
  for (let reads = 0; reads < EXEC_READS; reads++) {
    const text = readText(`/proc/${pid}/environ`);
    if (text !== '') return text;
    // A thread of the kernel runs no file, nor does a process that is ending.
    if (readLink(`/proc/${pid}/exe`) === null || hasNoVariables(readText(`/proc/${pid}/stat`) ?? '')) return text;
  }
  return undefined;
}

/** Some 0.5 ms, in which most calls of execve(2) end. */
const EXEC_READS = 20;

/** False also if the process has ended. */
function isOurs(pid: number): boolean {
  return ownerOf(pid) === process.geteuid?.();
}

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
