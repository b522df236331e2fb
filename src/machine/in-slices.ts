/**
 * Visits items in slices of a few milliseconds, with a turn of the event loop between them. Reading /proc synchronously is
 * four to seven times faster than through promises, but a thousand processes would block the event loop for 100 ms.
 */
import { systemClock } from './clock.ts';

const sliceMs = 5;

export async function inSlices<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let began = systemClock.now();
  for (const item of items) {
    visit(item);
    if (systemClock.now() - began < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    began = systemClock.now();
  }
}
