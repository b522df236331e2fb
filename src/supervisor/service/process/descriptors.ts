/**
 * A session keeps some descriptors for itself. Where services took all of them up to the limit (`ulimit -n`), no client
 * could connect any more: the kernel's connection would be closed unheard, and the stack could be neither seen nor stopped.
 */
import { readFileSync } from 'node:fs';
import { errnoOf } from '../../../model/errno.ts';

/** What a spawn opens on its way (stdin, the log and its index, the report of exec): 6; for clients and what they ask: 10. */
const RESERVED = 16;

let known: number | null = null;

/** `newest`: a descriptor that was just opened. The kernel gives the lowest free number, so all below it are taken. */
export function leavesEnough(newest: number): boolean {
  if (known === null || newest + RESERVED >= known) known = limit();
  return newest + RESERVED < known;
}

/** Infinite where the system does not tell by a file. */
function limit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return Number.POSITIVE_INFINITY;
    // Not even one for this file.
    if (code === 'EMFILE' || code === 'ENFILE') return 0;
    throw error;
  }
}
