/**
 * The published package: one folder that needs no other package.
 *
 *   bin.cjs       the command's stub (CommonJS: the cheapest thing Node can start)
 *   short.cjs     the program with the short commands: one file, only Node's and our own code, or the build fails
 *   session.cjs   the program with the commands that begin or change a session: likewise
 *   help.cjs      what --help prints
 *   vendor-*.cjs  one package each, loaded on demand
 *   main.js       the program with every command: ES modules in flat chunks, loaded on demand
 *   index.*       the API for `import` and `require`, with one file of types each
 *   schema.json   for editors of YAML and JSON configs
 *
 * `--programs <folder>` makes only the programs; `--test <folder>` too, with the code that lets tests plant failures.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build as esbuild } from 'esbuild';
import { commandsOf, only } from './commands.mjs';
import { hashOfSources } from './inputs.mjs';
import { licencesOf } from './licences.mjs';
import { rollUpTypes } from './types.mjs';
import { sharing, vendored } from './vendor.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** Bundled CommonJS packages call `require`, which an ES module does not have. */
const REQUIRE_FOR_ESM = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

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
      // Its main file requires others in a way that no bundler follows.
      alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
      minifySyntax: true,
      minifyWhitespace: true,
      define: definitions({ test }),
      ...options,
      plugins: [withoutTypeScript, ...(options.plugins ?? [])],
    });
}

/**
 * A program of the benchmark, which runs as the commands do: `stub` requires the bundle of `code` through
 * src/cli/code-cache.ts, as the file beside it that ends in `.code.cjs`.
 */
export async function buildCompiled(file, { stub, code }) {
  const bundle = bundler({ test: false });
  const outfile = file.replace(/\.cjs$/, '.code.cjs');
  await bundle({ entryPoints: [code], outfile, format: 'cjs', plugins: [vendored(root, new Map())] });
  await bundle({ entryPoints: [stub], outfile: file, format: 'cjs', define: { __DEVUP_BUILD__: JSON.stringify(hashOf([outfile])) } });
}

/** Bundles the programs into `out`, which must exist. Returns esbuild's metadata of those with packages. */
export async function buildPrograms(out, { test }) {
  const bundle = bundler({ test });
  const commands = await commandsOf(root);
  const vendor = new Map();
  const program = async (name) => {
    const outfile = join(out, `${name}.cjs`);
    const { metafile } = await bundle({
      entryPoints: ['src/cli/main.ts'],
      outfile,
      format: 'cjs',
      plugins: [only(name, commands), vendored(root, vendor)],
    });
    refusePackages(outfile, metafile);
    refuseImports(outfile, metafile);
    return outfile;
  };
  const programs = await Promise.all(['short', 'session'].map(program));
  const [vendors, esm, cjs, ...others] = await Promise.all([
    bundle({
      entryPoints: Object.fromEntries(Array.from(vendor, ([name, entry]) => [`vendor-${name}`, entry])),
      outdir: out,
      outExtension: { '.js': '.cjs' },
      ...CJS_WITH_PACKAGES,
      define: { ...CJS_WITH_PACKAGES.define, ...definitions({ test }) },
    }),
    bundle({
      entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
      outdir: out,
      format: 'esm',
      splitting: true,
      chunkNames: 'chunk-[name]-[hash]',
      banner: { js: REQUIRE_FOR_ESM },
      plugins: [sharing(root, vendor)],
    }),
    bundle({
      entryPoints: ['src/index.ts'],
      outfile: join(out, 'index.cjs'),
      ...CJS_WITH_PACKAGES,
      define: { ...CJS_WITH_PACKAGES.define, ...definitions({ test }) },
      plugins: [sharing(root, vendor)],
    }),
    bundle({ entryPoints: ['src/cli/parse/help.ts'], outfile: join(out, 'help.cjs'), format: 'cjs', plugins: [only('help', commands)] }),
    bundle({
      entryPoints: ['src/bin.ts'],
      outfile: join(out, 'bin.cjs'),
      format: 'cjs',
      plugins: [siblings],
      banner: { js: '#!/usr/bin/env node' },
      define: {
        ...definitions({ test }),
        __DEVUP_BUILD__: JSON.stringify(hashOf(programs)),
        __DEVUP_BUNDLES__: JSON.stringify(commands.filter(({ bundle }) => bundle !== 'rest').map(({ word, bundle }) => [word, bundle])),
      },
    }),
  ]);
  chmodSync(join(out, 'bin.cjs'), 0o755);
  for (const { metafile } of others) refusePackages(Object.keys(metafile.outputs)[0], metafile);
  return [vendors.metafile, esm.metafile, cjs.metafile];
}

/** Bundled ES modules use `import.meta.url`, which CommonJS does not have. */
const CJS_WITH_PACKAGES = {
  format: 'cjs',
  banner: { js: `const __moduleUrl = require('node:url').pathToFileURL(__filename).href;` },
  define: { 'import.meta.url': '__moduleUrl' },
};

function definitions({ test }) {
  return { __DEVUP_VERSION__: JSON.stringify(version), __DEVUP_TEST_BUILD__: String(test) };
}

/** Sixteen hex digits. Code from a cache is read as latin1, see src/cli/code-cache.ts. */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (/[^\0-\x7f]/.test(text)) throw new Error(`${file} must be ASCII, since it is read as latin1`);
    hash.update(text);
  }
  return hash.digest('hex').slice(0, 16);
}

/** The stub finds its programs beside itself instead of containing them. */
const siblings = {
  name: 'siblings',
  setup(build) {
    build.onResolve({ filter: /^\.\/cli\/main\.ts$/ }, () => ({ path: './main.js', external: true }));
    build.onResolve({ filter: /^\.\/cli\/parse\/help\.ts$/ }, () => ({ path: './help.cjs', external: true }));
  },
};

/** cosmiconfig only searches here; its TypeScript loader, and with it the whole compiler, stays out. */
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

/** Code that runs from a code cache has no `import()`: lazy modules are required. */
function refuseImports(name, { outputs }) {
  const imports = Object.values(outputs).flatMap((output) => output.imports.filter(({ kind }) => kind === 'dynamic-import'));
  if (imports.length > 0) throw new Error(`${name} must not import(), but imports ${imports.map(({ path }) => path).join(', ')}`);
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

/** Built beside `dist` and renamed: a devup that starts meanwhile gets the old one or the new one, never half. */
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
