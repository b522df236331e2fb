import type { Packages } from './packages.ts';

/** Each is loaded when it is first needed, and for an unchanged config never. */
export const packages: Packages = {
  strip: () => import('./strip.ts'),
  jiti: () => import('jiti/static'),
  yaml: () => import('./yaml.ts'),
  shape: () => import('./shape.ts'),
  search: () => import('./search.ts'),
};
