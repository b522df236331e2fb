/** Whoever asks for the same in one turn of the event loop gets the same look: it begins after all of them have asked. */
import { systemClock } from './clock.ts';

export function sharedRead<T>(look: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | null = null;
  return () => {
    next ??= systemClock.turn().then(() => {
      next = null;
      return look();
    });
    return next;
  };
}
