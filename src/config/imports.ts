import type { ExplorerClass, Packages } from './packages.ts';

/** Each is loaded when it is first needed, and for an unchanged config never. */
export const packages: Packages = {
  jiti: () => import('jiti/static'),
  yaml: () => import('yaml'),
  shape: () => import('./shape.ts'),
  // The class, not `cosmiconfig()`: that one loads, and runs, `.config/config.js` of the working directory first.
  explorer: async () =>
    ((await import('cosmiconfig/dist/Explorer.js')).default as unknown as { readonly Explorer: ExplorerClass }).Explorer,
};
