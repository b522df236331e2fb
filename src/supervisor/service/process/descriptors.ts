/**
 * Reserves some descriptors for the session itself. If services took all of them up to the limit (`ulimit -n`), the session
 * could not accept a client's connection, and the stack could be neither inspected nor stopped.
 */
import { readFileSync } from 'node:fs';
import { errnoOf } from '../../../model/errno.ts';

/** Six for one spawn (stdin, the log and its index, the pipe that reports a failed exec) and ten for clients and their requests. */
const RESERVED = 16;

let known: number | null = null;

/** True if the reserve is untouched. `newest` was just opened; the kernel hands out the lowest free number, so all below it are in use. */
export function leavesEnough(newest: number): boolean {
  if (known === null || newest + RESERVED >= known) known = limit();
  return newest + RESERVED < known;
}

/** The soft limit; infinite on systems without `/proc`. */
function limit(): number {
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
