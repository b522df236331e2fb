/**
 * Does a process sleep, with nothing that would wake it by itself? The kernel tells in which system call each thread waits,
 * with its arguments, so with the deadline as well. What else could wake it is looked for: a timer among its files, a timer of
 * POSIX; only setitimer(2) of old cannot be seen. It is told to who may trace the process: root, and for processes of their
 * own also others, unless Yama forbids it (`kernel.yama.ptrace_scope` of 1, Ubuntu's setting).
 */
import { existsSync, readdirSync } from 'node:fs';
import { unless, unreadable } from '../../model/errno.ts';
import { sleepsUntilWoken } from '../parse/proc-syscall.ts';
import { withSpare } from '../spare-descriptors.ts';
import { openFiles, readText } from './read.ts';

/** False: it is awake, has set itself a deadline, has not collected its child yet, or nobody can tell. */
export function sleepsUntilWokenNow(child: number, pid: number): boolean {
  if (existsSync(`/proc/${child}`)) return false;
  const before = threadsAtRest(pid);
  if (before === null || hasTimers(pid)) return false;
  // While one thread was read another could have been woken by one that was read already: nobody has run in between.
  return threadsAtRest(pid) === before;
}

/** The threads, and how often each has run; null if one is not at rest. */
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
