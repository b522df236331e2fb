/**
 * The real time. Intervals come from the monotonic clock, which a change of the wall clock does not move; only what a
 * person reads comes from the wall. This is the one place that owns timers.
 */
import type { Clock } from './machine.ts';

/** Node turns a longer delay into one millisecond, with a warning. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  // Since the process began, as `performance.now()`, which loads a module of Node's first.
  now: () => process.uptime() * 1000,
  wallTime: () => Date.now(),
  sleep,
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Keeps the process alive while it waits: whoever sleeps has something left to do. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; ; left -= longestTimerMs) {
    // A moment that is over already is no time; Node warns of a negative one.
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
