/**
 * The published package: one folder that needs no other package.
 *
 *   bin.cjs      the command's stub (CommonJS: the cheapest thing Node can start)
 *   fast.cjs     status, kill, stop, logs, ports: one file, only Node's and our own code, or the build fails
 *   start.cjs    start, restart, run, wait, exec: likewise; the packages that it may come to need are the vendor files
 *   help.cjs     what --help prints
 *   vendor-*.js  one package each, for the two before
 *   main.js      everything else: ES modules in flat chunks, loaded when they are needed
 *   index.*      the API for `import` and `require`, with one file of types each
 *   schema.json  for editors of YAML and JSON configs
 *
 * `--programs <folder>` makes only the programs; `--test <folder>` too, with the code in that lets tests plant failures.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build as esbuild } from 'esbuild';
import { hashOfSources } from './inputs.mjs';
import { licencesOf } from './licences.mjs';
import { rollUpTypes } from './types.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** Bundled CommonJS packages ask for `require`, which an ES module does not have. */
const REQUIRE_FOR_ESM = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;
/** Bundled ES modules ask for `import.meta.url`, which CommonJS does not have. */
const URL_FOR_CJS = `const __moduleUrl = require('node:url').pathToFileURL(__filename).href;`;

function bundler({ test }) {
  return (options) =>
    esbuild({
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      metafile: true,
      logLevel: 'warning',
      legalComments: 'none',
      // Its main file asks for others in a way that no bundler follows.
      alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
      minifySyntax: true,
      minifyWhitespace: true,
      define: { __DEVUP_VERSION__: JSON.stringify(version), __DEVUP_TEST_BUILD__: String(test) },
      ...options,
      plugins: [withoutTypeScript, ...(options.plugins ?? [])],
    });
}

/**
 * A program of the benchmark's that runs as the commands do: `stub` asks for the bundle of `code` by way of src/cli/compiled.ts, as
 * the file beside it with the ending `.code.cjs`.
 */
export async function buildCompiled(file, { stub, code }) {
  const bundle = bundler({ test: false });
  const outfile = file.replace(/\.cjs$/, '.code.cjs');
  const { metafile } = await bundle({ entryPoints: [code], outfile, format: 'cjs', plugins: [vendored] });
  const build = createHash('sha256').update(importsByName(outfile, metafile)).digest('hex').slice(0, 16);
  await bundle({ entryPoints: [stub], outfile: file, format: 'cjs', define: { __DEVUP_BUILD__: JSON.stringify(build) } });
}

/** Bundles the programs into `out`, which must exist. Returns what esbuild tells about each bundle. */
export async function buildPrograms(out, { test }) {
  const bundle = bundler({ test });
  const [fast, start, help, esm, cjs] = await Promise.all([
    bundle({ entryPoints: ['src/cli/fast.ts'], outfile: join(out, 'fast.cjs'), format: 'cjs', plugins: [vendored] }),
    bundle({ entryPoints: ['src/cli/fast-start.ts'], outfile: join(out, 'start.cjs'), format: 'cjs', plugins: [vendored] }),
    bundle({ entryPoints: ['src/cli/help.ts'], outfile: join(out, 'help.cjs'), format: 'cjs' }),
    bundle({
      entryPoints: {
        main: 'src/cli/main.ts',
        index: 'src/index.ts',
        ...Object.fromEntries(VENDORED.map((name) => [`vendor-${name}`, name])),
      },
      outdir: out,
      format: 'esm',
      splitting: true,
      chunkNames: 'chunk-[name]-[hash]',
      banner: { js: REQUIRE_FOR_ESM },
    }),
    bundle({
      entryPoints: ['src/index.ts'],
      outfile: join(out, 'index.cjs'),
      format: 'cjs',
      banner: { js: URL_FOR_CJS },
      define: { __DEVUP_VERSION__: JSON.stringify(version), __DEVUP_TEST_BUILD__: String(test), 'import.meta.url': '__moduleUrl' },
    }),
  ]);
  const compiled = [importsByName(join(out, 'fast.cjs'), fast.metafile), importsByName(join(out, 'start.cjs'), start.metafile)];
  const bin = await bundle({
    entryPoints: ['src/bin.ts'],
    outfile: join(out, 'bin.cjs'),
    format: 'cjs',
    plugins: [siblings],
    banner: { js: '#!/usr/bin/env node' },
    define: {
      __DEVUP_VERSION__: JSON.stringify(version),
      __DEVUP_BUILD__: JSON.stringify(createHash('sha256').update(compiled.join('')).digest('hex').slice(0, 16)),
    },
  });
  chmodSync(join(out, 'bin.cjs'), 0o755);
  refusePackages('fast.cjs', fast.metafile);
  refusePackages('start.cjs', start.metafile);
  refusePackages('help.cjs', help.metafile);
  refusePackages('bin.cjs', bin.metafile);
  return [esm.metafile, cjs.metafile];
}

/**
 * Code that runs from a code cache has no `import()` of its own: the stub hands it one as `__import` (see
 * src/cli/compiled.ts). A bundle that was loaded as a module like any other takes Node's. Returns the text.
 */
function importsByName(file, { outputs }) {
  const text = readFileSync(file, 'utf8');
  if (/[^\0-\x7f]/.test(text)) throw new Error(`${file} must be ASCII, since it is read as latin1`);
  let count = 0;
  const renamed = text.replace(/(?<![\w$.])import\(/g, () => {
    count++;
    return '__import(';
  });
  // One import is of a file that is only known when it runs: the config's.
  const expected = 1 + Object.values(outputs)[0].imports.filter(({ kind }) => kind === 'dynamic-import').length;
  if (count !== expected) throw new Error(`${file}: ${expected} imports were to be renamed, not ${count}; does a text say "import("?`);
  const named = renamed.replace(/^"use strict";/, '"use strict";var __import=__import||(name=>import(name));');
  if (named === renamed) throw new Error(`${file} does not begin as expected`);
  const lazy = builtinsWhenUsed(named);
  writeFileSync(file, lazy);
  return lazy;
}

/**
 * Node's own modules are loaded where they are first used, not where the bundle begins: `status` needs no child processes. Their
 * default is the module itself; esbuild would copy it, property by property, for each of our files.
 */
function builtinsWhenUsed(text) {
  const declared = /(?<=[ ,])(import_\w+)=(?:__toESM\((require\("node:[\w/]+"\)),1\)|(require\("node:[\w/]+"\)))(?=[,;])/g;
  const loads = new Map([...text.matchAll(declared)].map(([, name, asDefault, plain]) => [name, asDefault ?? plain]));
  const used = (all, name, rest) => (loads.has(name) ? `(${name}??=${loads.get(name)})${rest === '.default' ? '' : rest}` : all);
  // Behind a dot it is a property, behind three of them it is spread.
  const lazy = text.replace(declared, '$1').replace(/(?<![\w$]|[^.]\.)(import_\w+)(\.default(?![\w$])|\.)/g, used);
  const missed = [...loads.keys()].find((name) => new RegExp(`\\b${name}[^\\w,;?]`).test(lazy));
  if (missed) throw new Error(`${missed} is used in a way that is not known here`);
  return lazy;
}

/** Packages that start.cjs and fast.cjs load when they need them. */
const VENDORED = ['execa', 'listr2', 'detect-port', 'tree-kill'];

/** `import('execa')` in start.cjs becomes an import of the file beside it, so that the bundles hold our own code only. */
const vendored = {
  name: 'vendored',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${VENDORED.join('|')})$`) }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./vendor-${path}.js`, external: true } : undefined,
    );
  },
};

/** The stub finds its programs beside itself instead of containing them. */
const siblings = {
  name: 'siblings',
  setup(build) {
    build.onResolve({ filter: /^\.\/cli\/fast\.ts$/ }, () => ({ path: './fast.cjs', external: true }));
    build.onResolve({ filter: /^\.\/cli\/fast-start\.ts$/ }, () => ({ path: './start.cjs', external: true }));
    build.onResolve({ filter: /^\.\/cli\/main\.ts$/ }, () => ({ path: './main.js', external: true }));
    build.onResolve({ filter: /^\.\/cli\/help\.ts$/ }, () => ({ path: './help.cjs', external: true }));
  },
};

/** cosmiconfig only searches here; its own loader of TypeScript, and with it the whole compiler, stays out. */
const withoutTypeScript = {
  name: 'without-typescript',
  setup(build) {
    build.onResolve({ filter: /^typescript$/ }, () => ({ path: 'typescript', namespace: 'left-out' }));
    build.onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: `throw new Error('typescript is not part of devup');` }));
  },
};

function refusePackages(name, metafile) {
  const strangers = Object.keys(metafile.inputs).filter((input) => input.includes('node_modules/'));
  if (strangers.length > 0) throw new Error(`${name} must be Node's and our own code only, but contains ${strangers.join(', ')}`);
}

async function schemaJson() {
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: ['src/config/validate/schema.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: REQUIRE_FOR_ESM },
    write: false,
    logLevel: 'warning',
    plugins: [withoutTypeScript],
    define: { __DEVUP_VERSION__: JSON.stringify(version), __DEVUP_TEST_BUILD__: 'false' },
  });
  const file = join(root, 'node_modules', '.cache', `devup-schema-${process.pid}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, outputFiles[0].contents);
  try {
    const { jsonSchema } = await import(pathToFileURL(file).href);
    return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
  } finally {
    rmSync(file, { force: true });
  }
}

/** Built beside `dist` and renamed: whoever starts devup meanwhile gets the old one or the new one, never half. */
async function buildPackage() {
  const stamp = hashOfSources(root);
  const dist = join(root, 'dist');
  const fresh = `${dist}.${process.pid}.new`;
  const old = `${dist}.${process.pid}.old`;
  mkdirSync(fresh);
  try {
    const [metafiles, schema] = await Promise.all([buildPrograms(fresh, { test: false }), schemaJson()]);
    writeFileSync(join(fresh, 'schema.json'), schema);
    writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf(root, metafiles));
    const types = rollUpTypes(root, join(fresh, 'emitted'));
    writeFileSync(join(fresh, 'index.d.ts'), types);
    writeFileSync(join(fresh, 'index.d.cts'), types);
    rmSync(join(fresh, 'emitted'), { recursive: true });
    writeFileSync(join(fresh, '.stamp'), stamp);
    moveAway(dist, old);
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

function moveAway(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, folder] = process.argv.slice(2);
  if (what === '--programs' || what === '--test') {
    const out = resolve(folder);
    mkdirSync(out, { recursive: true });
    await buildPrograms(out, { test: what === '--test' });
  } else {
    await buildPackage();
  }
}
