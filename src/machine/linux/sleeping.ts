/**
 * Determines whether a process sleeps without a timer that would wake it. The kernel shows the system call in which each
 * thread waits and its arguments, which include a deadline. Timers are searched for among the open files (timerfd) and the
 * POSIX timers; setitimer(2) leaves no trace. The kernel shows this to root, and to users about their own processes unless
 * Yama forbids it (`kernel.yama.ptrace_scope` of 1, Ubuntu's default).
 */
import { existsSync, readdirSync } from 'node:fs';
import { unless, unreadable } from '../../model/errno.ts';
import { sleepsUntilWoken } from '../parse/proc-syscall.ts';
import { withSpare } from '../spare-descriptors.ts';
import { openFiles, readText } from './read.ts';

/** False if the process is awake, has set a deadline, has not collected its child yet, or cannot be read. */
export function sleepsUntilWokenNow(child: number, pid: number): boolean {
  if (existsSync(`/proc/${child}`)) return false;
  const before = threadsAtRest(pid);
  if (before === null || hasTimers(pid)) return false;
  // A thread that was already read could have run while the others were read. The counts of runs show that no thread did.
  return threadsAtRest(pid) === before;
}

/** The threads, with how often each has run; null if one does not sleep until woken. */
function threadsAtRest(pid: number): string | null {
  const folder = `/proc/${pid}/task`;
  const threads: string[] = [];
  for (const thread of unless(unreadable, () => withSpare(() => readdirSync(folder))) ?? []) {
    const runs = readText(`${folder}/${thread}/schedstat`);
    const call = readText(`${folder}/${thread}/syscall`);
    if (runs === null || call === null || !sleepsUntilWoken(call, process.arch)) return null;
    threads.push(`${thread} ${runs}`);
  }
  return threads.length === 0 ? null : threads.join('');
}

function hasTimers(pid: number): boolean {
  return readText(`/proc/${pid}/timers`) !== '' || openFiles(pid).some((link) => link.includes('[timerfd]'));
}
