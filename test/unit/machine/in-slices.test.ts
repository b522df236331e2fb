import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/machine/clock.ts';
import { inSlices } from '../../../src/machine/in-slices.ts';

describe('a long pass over many items', () => {
  afterEach(() => vi.restoreAllMocks());

  it('yields after every 5 ms, and visits each item once, in order', async () => {
    let now = 0;
    vi.spyOn(systemClock, 'now').mockImplementation(() => now);
    const seen: (number | string)[] = [];
    const other = () => {
      seen.push('other');
      if (seen.length < 20) setImmediate(other);
    };
    setImmediate(other);
    await inSlices([1, 2, 3, 4, 5, 6, 7], (item) => {
      seen.push(item);
      now += 2;
    });
    expect(seen.slice(0, 9)).toEqual([1, 2, 3, 'other', 4, 5, 6, 'other', 7]);
  });

  it('does not yield in a short pass', async () => {
    vi.spyOn(systemClock, 'now').mockReturnValue(0);
    const seen: (number | string)[] = [];
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        seen.push('other');
        resolve();
      });
    });
    await inSlices([1, 2, 3], (item) => seen.push(item));
    await turn;
    expect(seen).toEqual([1, 2, 3, 'other']);
  });
});
