/**
 * Signals exactly the process that is meant. A pid may have passed to another process since it was read, so the start
 * time is read again immediately before `kill`, in the same turn of the event loop; Node has no pidfd, and a gap of
 * microseconds is left. `kill(0)`, `kill(1)` and `kill(-1)` mean our own group, init and every process: such numbers are a
 * bug, and throw.
 */
import { errnoOf } from '../model/errno.ts';
import type { ProcessId } from '../model/port.ts';
import type { ProcessRow, Signal, SignalOutcome } from './machine.ts';

/** Reads one process as it is at this moment; null when it is gone or a zombie. */
export type ReadProcess = (pid: number) => ProcessRow | null;

export function signalProcess(id: ProcessId, signal: Signal, read: ReadProcess): SignalOutcome {
  const found = compareStart(id, read);
  return found === 'same' ? send(id.pid, signal) : found;
}

/**
 * Signals a whole group, if at least one of its `members` is alive and in it: as long as one of them is, the kernel
 * gives the number to no other group.
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
