/**
 * A few descriptors held back, so that /proc and the names of users can be read when a process has opened as many files as
 * it may (EMFILE). A session that could no longer see its processes would have to take them for dead.
 */
import { closeSync, openSync } from 'node:fs';
import { errnoOf } from '../model/errno.ts';

const COUNT = 6;
const exhausted: readonly string[] = ['EMFILE', 'ENFILE'];
const spares: number[] = [];

/** Fills the reserve up, as far as there are descriptors. */
export function keepSpares(): void {
  try {
    while (spares.length < COUNT) spares.push(openSync('/dev/null', 'r'));
  } catch (error) {
    if (!exhausted.includes(errnoOf(error))) throw error;
  }
}

/** `open` opens one file, with a spare descriptor if there is no other. A caller that leaves it open calls `keepSpares` afterwards. */
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
