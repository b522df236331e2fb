import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/machine/clock.ts';

describe('the real clock', () => {
  afterEach(() => vi.useRealTimers());

  it('sleeps at least as long as told, and not at all when already aborted', async () => {
    const began = systemClock.now();
    await systemClock.sleep(5);
    // A timer may be early by less than the millisecond that it is counted in.
    expect(systemClock.now() - began).toBeGreaterThan(4);
    await expect(systemClock.sleep(5, AbortSignal.abort('never mind'))).rejects.toBe('never mind');
  });

  it('does not wait for a moment that is over, and Node has nothing to warn of', async () => {
    const setTimeout = vi.spyOn(globalThis, 'setTimeout');
    await systemClock.sleep(-0.4);
    expect(setTimeout.mock.lastCall?.[1]).toBe(0);
    setTimeout.mockRestore();
  });

  it('leaves neither timer nor listener behind when aborted', async () => {
    vi.useFakeTimers();
    const abort = new AbortController();
    const sleep = systemClock.sleep(60_000, abort.signal);
    expect(vi.getTimerCount()).toBe(1);
    abort.abort('stop');
    await expect(sleep).rejects.toBe('stop');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can sleep for longer than one timer of Node lasts', async () => {
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
