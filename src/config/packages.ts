/**
 * What a config may need beyond Node: a compiler, a parser, a schema, a search, each behind one file of ours. They are
 * passed in, so that the fast path can be a bundle without any of them: it loads a config that is compiled and known to
 * be valid already, and leaves every other one to the whole program.
 */
export interface Packages {
  strip(): Promise<typeof import('./evaluate/strip-types.ts')>;
  jiti(): Promise<typeof import('jiti/static')>;
  yaml(): Promise<typeof import('./evaluate/yaml.ts')>;
  shape(): Promise<typeof import('./validate/shape.ts')>;
  search(): Promise<typeof import('./find/search.ts')>;
}

/** Thrown where a package would be needed and there is none. */
export class NeedsPackages extends Error {}

const none = async (): Promise<never> => {
  throw new NeedsPackages('this config needs the whole program');
};

export const noPackages: Packages = { strip: none, jiti: none, yaml: none, shape: none, search: none };
