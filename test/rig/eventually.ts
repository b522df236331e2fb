/** Polls a condition that has no event every few milliseconds, until a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

export const LOOK_EVERY_MS = 15;
export const PATIENCE_MS = 30_000;

/**
 * The first answer of `look` that is not null, undefined or false. Rejects with `what`: a text, or a function called at the
 * deadline.
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs: number = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await look();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    await sleep(LOOK_EVERY_MS);
  }
}
