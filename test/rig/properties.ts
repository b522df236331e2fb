/**
 * How long properties search: as each says for a commit; for `npm run fuzz` at least FC_NUM_RUNS cases, from FC_SEED. In
 * fast-check a property's own number of cases wins over the global one, so it is raised where the property is checked. A
 * property with a seed of its own is an example that must stay the same.
 */
import type { IAsyncProperty, IProperty, Parameters } from 'fast-check';
import { vi } from 'vitest';

/** A slow property searches for so long, however many cases that are: less than tests give themselves. */
const LONGEST_MS = 15_000;
const runs = Number(process.env['FC_NUM_RUNS'] ?? 0);
const seed = process.env['FC_SEED'];

if (runs > 0) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ numRuns: runs, interruptAfterTimeLimit: LONGEST_MS, ...(seed === undefined ? {} : { seed: Number(seed) }) });
  const assert = <Ts>(property: IProperty<Ts> & IAsyncProperty<Ts>, own: Parameters<Ts> = {}): void | Promise<void> => {
    if (own.numRuns === undefined || own.seed !== undefined) return fc.assert(property, own);
    return fc.assert(property, { ...own, numRuns: Math.max(own.numRuns, runs) });
  };
  const longer = { ...fc, assert };
  vi.doMock('fast-check', () => ({ ...longer, default: longer }));
}
