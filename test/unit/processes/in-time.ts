/** Lets simulated time pass until `work` is done. Fails if it takes more than `limitMs`. */
import type { FakeMachine } from '../../rig/fake-machine.ts';

export async function inTime<T>(machine: FakeMachine, work: Promise<T>, limitMs = 120_000): Promise<T> {
  let over = false;
  const watched = work.finally(() => {
    over = true;
  });
  watched.catch(() => undefined);
  const end = machine.clock.now() + limitMs;
  while (!over && machine.clock.now() < end) await machine.advance(over ? 0 : 20);
  if (!over) throw new Error(`not done after ${limitMs} ms`);
  return watched;
}
