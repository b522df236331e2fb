/**
 * The system's clocks. Intervals use the monotonic clock, which is independent of the wall clock; only times shown to users use
 * the wall clock.
 */
import { uptime } from 'node:os';
import type { Clock } from './machine.ts';

/** Node's longest delay: for a longer one it warns, and waits one millisecond. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  // The same clock as `performance.now()`, without loading a module.
  now: () => process.uptime() * 1000,
  // Reads CLOCK_BOOTTIME or /proc/uptime on Linux, kern.boottime on macOS, GetTickCount64 on Windows.
  sinceBoot: () => uptime() * 1000,
  wallTime: () => Date.now(),
  sleep,
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Keeps the process alive while it waits. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; ; left -= longestTimerMs) {
    // Node warns of a negative delay.
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
