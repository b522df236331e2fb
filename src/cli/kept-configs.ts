/** Configs for the bundles without packages: what was loaded before, or the whole program is needed. */

import type { Configs } from '../app/context.ts';
import { findKept, loadKept } from '../config/kept.ts';
import { NeedsMore } from './guarded.ts';

export const KEPT: Configs = {
  find: async (options) => (await findKept(options)) ?? needsMore(),
  load: async (location, context) => (await loadKept(location, context)) ?? needsMore(),
};

function needsMore(): never {
  throw new NeedsMore('the whole program is needed');
}
