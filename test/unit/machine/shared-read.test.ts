import { expect, test } from 'vitest';
import { sharedRead } from '../../../src/machine/shared-read.ts';

test('callers in the same turn share a read, and callers after its start get another one', async () => {
  let begun = 0;
  const looks: ((value: number) => void)[] = [];
  const look = sharedRead(() => {
    begun++;
    return new Promise<number>((resolve) => looks.push(resolve));
  });
  const [one, two] = [look(), look()];
  expect(begun).toBe(0);
  while (begun < 1) await new Promise(setImmediate);
  const three = look();
  looks[0]?.(1);
  expect(await Promise.all([one, two])).toEqual([1, 1]);
  while (begun < 2) await new Promise(setImmediate);
  looks[1]?.(2);
  expect(await three).toBe(2);
  expect(begun).toBe(2);
});

test('a read that fails rejects for all who share it, and the next one starts anew', async () => {
  let fails = true;
  const look = sharedRead(async () => {
    if (fails) throw new Error('no table');
    return 'rows';
  });
  const asked = [look(), look()];
  await Promise.all(asked.map((one) => expect(one).rejects.toThrow('no table')));
  fails = false;
  expect(await look()).toBe('rows');
});
