/**
 * How long properties search: for a commit as many cases as each declares, for `npm run fuzz` at least FC_NUM_RUNS from
 * FC_SEED. Either way, a test ends its search before vitest's timeout. In fast-check a property's own number of cases wins over
 * the global one, so it is raised where the property is checked. A property with a fixed seed is an example that must stay the
 * same.
 */
import fc, { type IAsyncProperty, type IProperty, type Parameters } from 'fast-check';
import { beforeEach, vi } from 'vitest';
import { untilDeadline } from './property-time.ts';

const runs = Number(process.env['FC_NUM_RUNS'] ?? 0);
const seed = process.env['FC_SEED'];
/** The time for all properties of one test together: well below a test's 20 s, and far above what one needs. */
const SEARCH_MS = runs > 0 ? 15_000 : 8000;

let deadline = Number.POSITIVE_INFINITY;
beforeEach(() => {
  deadline = performance.now() + SEARCH_MS;
});
const bounded = untilDeadline(() => deadline);

if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
const assert = <Ts>(property: IProperty<Ts> & IAsyncProperty<Ts>, own: Parameters<Ts> = {}): void | Promise<void> => {
  const fixed = own.seed !== undefined;
  const numRuns = fixed ? own.numRuns : Math.max(own.numRuns ?? 100, runs);
  return fc.assert(property, { ...own, ...(numRuns === undefined ? {} : { numRuns }), plugins: [bounded, ...(own.plugins ?? [])] });
};
const withTime = { ...fc, assert };
vi.doMock('fast-check', () => ({ ...withTime, default: withTime }));
