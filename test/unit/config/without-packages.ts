/** A bundle in which every package throws when it is imported: code that works there needs none. */
import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

export const NEEDS_PACKAGE = 'a package is needed';

export const withoutPackages: Plugin = {
  name: 'without-packages',
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, ({ kind, path }) =>
      kind === 'entry-point' || isBuiltin(path) ? undefined : { path, namespace: 'absent' },
    );
    build.onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: `module.exports = {}; throw new Error('${NEEDS_PACKAGE}');` }));
  },
};
