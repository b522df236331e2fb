/**
 * Signals a process identified by pid and start time. The pid may have been reused, so the start time is read again right
 * before `kill`, in the same turn of the event loop. Node has no pidfd, so a gap of microseconds remains. `kill(0)`,
 * `kill(1)` and `kill(-1)` would signal devup's own group, init and every process: these numbers are a bug, and throw.
 */
import { errnoOf } from '../model/errno.ts';
import type { ProcessId } from '../model/port.ts';
import type { ProcessRow, Signal, SignalOutcome } from './machine.ts';

/** Reads one process now; null if it has ended or is a zombie. */
export type ReadProcess = (pid: number) => ProcessRow | null;

export function signalProcess(id: ProcessId, signal: Signal, read: ReadProcess): SignalOutcome {
  const found = compareStart(id, read);
  return found === 'same' ? send(id.pid, signal) : found;
}

/**
 * Signals a whole group, if at least one of `members` is alive in it. As long as one of them is, the kernel does not reuse the group's
 * number.
 */
export function signalGroupOf(pgid: number, members: readonly ProcessId[], signal: Signal, read: ReadProcess): SignalOutcome {
  requirePid(pgid, 'a process group');
  if (read(process.pid)?.pgid === pgid) throw new RangeError(`${pgid} is our own process group`);
  let reused = false;
  for (const { pid, start } of members) {
    requirePid(pid, 'a pid');
    const now = read(pid);
    if (now?.pgid !== pgid) continue;
    if (now.start === start) return send(-pgid, signal);
    reused = true;
  }
  return reused ? 'reused' : 'gone';
}

export function compareStart(id: ProcessId, read: ReadProcess): 'same' | 'gone' | 'reused' {
  requirePid(id.pid, 'a pid');
  const now = read(id.pid);
  if (now === null) return 'gone';
  return now.start === id.start ? 'same' : 'reused';
}

export function requirePid(pid: number, what: string): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new RangeError(`${what} must be a whole number above 1, not ${pid}`);
}

function send(target: number, signal: Signal): SignalOutcome {
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ESRCH') return 'gone';
    if (errno === 'EPERM') return 'denied';
    throw error;
  }
}
