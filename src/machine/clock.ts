/**
 * The real time. Intervals come from the monotonic clock, which does not move when the wall clock is set; only times that
 * people read come from the wall clock.
 */
import type { Clock } from './machine.ts';

/** Node turns a longer delay into one millisecond, with a warning. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  // As `performance.now()`, which would load a module of Node first.
  now: () => process.uptime() * 1000,
  wallTime: () => Date.now(),
  sleep,
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Keeps the process alive while it waits: a sleeper has something left to do. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; ; left -= longestTimerMs) {
    // Node warns of a negative time.
    await pause(Math.max(0, Math.min(left, longestTimerMs)), signal);
    if (left <= longestTimerMs) return;
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const aborted = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
