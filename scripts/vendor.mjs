/**
 * Packages that commands load only when they need them: each is a CommonJS file beside the programs. An `import('execa')` or
 * `require('string-width')` becomes a `require` of that file: code that runs from a code cache cannot `import()`.
 */
import { isBuiltin } from 'node:module';
import { relative, resolve } from 'node:path';

/** Our own files that cannot do without their package: file → name. */
const OWN = { 'src/config/validate/shape.ts': 'shape' };

/** `entries` collects the modules imported in this way: name → module. */
export function vendored(root, entries) {
  return {
    name: 'vendored',
    setup(build) {
      const vendor = (name, entry) => {
        entries.set(name, entry);
        return build.initialOptions.format === 'esm'
          ? { path: `./vendor-${name}.cjs`, external: true }
          : { path: name, namespace: 'vendor' };
      };
      build.onResolve({ filter: /^[^.]/ }, ({ kind, path, importer }) => {
        // Packages may require each other: they are bundled together.
        const late = kind === 'dynamic-import' || (kind === 'require-call' && !importer.includes('node_modules'));
        return late && !isBuiltin(path) ? vendor(path.split('/')[0], path) : undefined;
      });
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir, namespace }) => {
        if (namespace === 'vendor') return { path, external: true };
        const file = relative(root, resolve(resolveDir, path));
        return kind === 'dynamic-import' && OWN[file] ? vendor(OWN[file], file) : undefined;
      });
      build.onLoad({ filter: /./, namespace: 'vendor' }, ({ path }) => ({ contents: `module.exports = require('./vendor-${path}.cjs');` }));
    },
  };
}

/** The same for a bundle that may hold packages: it shares the existing files, and holds the other packages. */
export function sharing(root, entries) {
  const known = new Set(entries.values());
  const { setup } = vendored(root, entries);
  return {
    name: 'sharing',
    setup(build) {
      const onResolve = (options, resolved) => build.onResolve(options, (asked) => (isShared(asked) ? resolved(asked) : undefined));
      const isShared = ({ path, namespace, resolveDir }) =>
        namespace === 'vendor' || known.has(path.startsWith('.') ? relative(root, resolve(resolveDir, path)) : path);
      setup({ ...build, onResolve });
    },
  };
}
