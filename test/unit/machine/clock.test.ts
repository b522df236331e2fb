import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/machine/clock.ts';

describe('the real clock', () => {
  afterEach(() => vi.useRealTimers());

  it('sleeps at least as long as told, and not at all when already aborted', async () => {
    const began = systemClock.now();
    await systemClock.sleep(5);
    // A timer may fire early by less than the millisecond in which it is counted.
    expect(systemClock.now() - began).toBeGreaterThan(4);
    await expect(systemClock.sleep(5, AbortSignal.abort('never mind'))).rejects.toBe('never mind');
  });

  it.runIf(existsSync('/proc/uptime'))('counts the time since the boot as the system does, suspended or not', () => {
    const bySystem = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    const before = bySystem();
    const told = systemClock.sinceBoot();
    // The system counts hundredths of seconds.
    expect(told).toBeGreaterThanOrEqual(before - 10);
    expect(told).toBeLessThanOrEqual(bySystem() + 10);
  });

  it('does not wait for a past moment, without a warning from Node', async () => {
    const setTimeout = vi.spyOn(globalThis, 'setTimeout');
    await systemClock.sleep(-0.4);
    expect(setTimeout.mock.lastCall?.[1]).toBe(0);
    setTimeout.mockRestore();
  });

  it('leaves no timer or listener behind when aborted', async () => {
    vi.useFakeTimers();
    const abort = new AbortController();
    const sleep = systemClock.sleep(60_000, abort.signal);
    expect(vi.getTimerCount()).toBe(1);
    abort.abort('stop');
    await expect(sleep).rejects.toBe('stop');
    expect(vi.getTimerCount()).toBe(0);
  });

  it("can sleep for longer than Node's longest timer", async () => {
    vi.useFakeTimers();
    const days = 40 * 86_400_000;
    let woken = false;
    const sleep = systemClock.sleep(days).then(() => {
      woken = true;
    });
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(woken).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
  });
});
