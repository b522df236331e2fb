import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { untilDeadline } from '../../rig/property-time.ts';

/** Each case takes ten seconds. */
function search(deadline: number, holds: (value: number) => boolean) {
  let now = 0;
  const property = fc.property(fc.integer(), (value) => {
    now += 10_000;
    return holds(value);
  });
  const plugins = [
    untilDeadline(
      () => deadline,
      () => now,
    ),
  ];
  return fc.check(property, { numRuns: 1000, plugins });
}

describe('the time of a property', () => {
  test('ends its search, which is no failure', () => {
    expect(search(100_000, () => true)).toMatchObject({ failed: false, interrupted: true, numRuns: 10 });
  });

  test('allows one case, however slow the machine', () => {
    expect(search(0, () => true)).toMatchObject({ failed: false, numRuns: 1 });
    expect(search(0, () => false)).toMatchObject({ failed: true });
  });

  test('does not hide a failure', () => {
    expect(search(100_000, () => false)).toMatchObject({ failed: true });
  });

  test('does not cut off an asynchronous case', async () => {
    let now = 0;
    let open = 0;
    const property = fc.asyncProperty(fc.integer(), async () => {
      open++;
      now += 10_000;
      await new Promise((resolve) => setImmediate(resolve));
      open--;
    });
    const plugins = [
      untilDeadline(
        () => 15_000,
        () => now,
      ),
    ];
    expect(await fc.check(property, { numRuns: 1000, plugins })).toMatchObject({ failed: false, numRuns: 2 });
    expect(open).toBe(0);
  });
});
