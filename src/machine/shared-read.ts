/** Lets all callers of one turn of the event loop share a read, which begins in the next turn. */
import { systemClock } from './clock.ts';

export function sharedRead<T>(read: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | null = null;
  return () => {
    next ??= systemClock.turn().then(() => {
      next = null;
      return read();
    });
    return next;
  };
}
