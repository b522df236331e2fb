/**
 * Reserves some descriptors for the session itself. If services took all descriptors up to the limit (`ulimit -n`), the session could not
 * accept a client's connection, and the stack could be neither inspected nor stopped.
 */
import { readFileSync } from 'node:fs';
import { errnoOf } from '../../../model/errno.ts';

/** Four for one spawn (stdin and the pipe that reports a failed exec) and ten for clients and their requests. */
const RESERVED = 14;
/** The descriptors of a service's log and its index. */
const PER_LOG = 2;

let known: number | null = null;
/** The logs that are not open yet: a whole wave of services is spawned before the first of their logs is open. */
let logsToOpen = 0;

/** True if the reserve is untouched. `newest` was just opened; the kernel hands out the lowest free number, so all below it are in use. */
export function leavesEnough(newest: number): boolean {
  const needed = newest + RESERVED + PER_LOG * logsToOpen;
  if (known === null || needed >= known) known = descriptorLimit();
  return needed < known;
}

/** Reserves descriptors for the log of a service that is about to be spawned, until the returned function is called. */
export function reserveLog(): () => void {
  logsToOpen++;
  return () => void logsToOpen--;
}

/** The soft limit; infinite on systems without `/proc`. */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return Number.POSITIVE_INFINITY;
    // No descriptor is left even for this file.
    if (code === 'EMFILE' || code === 'ENFILE') return 0;
    throw error;
  }
}
