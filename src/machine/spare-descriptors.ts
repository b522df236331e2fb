/**
 * Keeps a few descriptors in reserve, so that /proc and user names can be read even if the process has reached its limit of
 * open files (EMFILE). Without them, a session could not see its processes and would take them for dead.
 */
import { closeSync, openSync } from 'node:fs';
import { errnoOf } from '../model/errno.ts';

const COUNT = 6;
const exhausted: readonly string[] = ['EMFILE', 'ENFILE'];
const spares: number[] = [];

/** Refills the reserve as far as descriptors are available. */
export function keepSpares(): void {
  try {
    while (spares.length < COUNT) spares.push(openSync('/dev/null', 'r'));
  } catch (error) {
    if (!exhausted.includes(errnoOf(error))) throw error;
  }
}

/**
 * Runs `open`, which opens one file, with a spare descriptor if no other is free. A caller that keeps the file open calls
 * `keepSpares` after closing it.
 */
export function withSpare<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    const spare = exhausted.includes(errnoOf(error)) ? spares.pop() : undefined;
    if (spare === undefined) throw error;
    closeSync(spare);
    try {
      return open();
    } finally {
      keepSpares();
    }
  }
}
