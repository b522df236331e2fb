import type { Packages } from './packages.ts';

/** Each is loaded when it is first needed, and for an unchanged config never. */
export const packages: Packages = {
  strip: () => import('./evaluate/strip-types.ts'),
  jiti: () => import('jiti/static'),
  yaml: () => import('./evaluate/yaml.ts'),
  shape: () => import('./validate/shape.ts'),
  search: () => import('./find/search.ts'),
};
