/**
 * TypeScript or modern JavaScript → a value. The project's own `typescript` is never loaded, so any version or none will do.
 * `import { defineConfig } from 'devup'` always gets devup's own function, whether the package is installed or not.
 *
 * A self-contained config (it imports only devup and `node:`) is compiled once and the compiled text cached, so that later loads need no
 * compiler. For most configs it is enough to strip the types, which is tried first: by Node (`node.ts`), or by sucrase (`sucrase.ts`). The
 * value itself is never cached: a config may read the environment or the clock.
 */
import { createRequire, isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import type { Jiti } from 'jiti';
import { defineConfig } from '../define.ts';
import { BrokenSource, type Source } from '../find/source.ts';
import type { Cache } from './cache.ts';
import { canUseNode, evaluateWithNode } from './node.ts';
import { runModule } from './run-module.ts';
import { isSelfContained } from './self-contained.ts';
import { evaluateWithSucrase } from './sucrase.ts';
import { tsconfigFor } from './tsconfig.ts';

/**
 * Returns what `readValue` makes of the export: the `default`, or what CommonJS assigned. Null when nothing is exported.
 * Reading may run more of the config's code (a function, a getter), which may import more.
 */
export async function evaluate<T>(
  source: Source,
  cache: Cache,
  version: string,
  readValue: (value: unknown) => Promise<T>,
): Promise<T | null> {
  const read = async (exports: unknown): Promise<T | null> => {
    const exported = toValue(exports);
    return exported && readValue(exported.value);
  };
  const key = [version, 'jiti', source.file, source.text];
  const compiled = cache.read(key);
  if (compiled === null && isSelfContained(source.text)) {
    const stripped = await (canUseNode(source.file)
      ? evaluateWithNode(source, cache, version, read)
      : evaluateWithSucrase(source, cache, version, read));
    if (stripped !== 'unsupported') return stripped.value;
  }
  const text = compiled ?? (await transform(source));
  const { value, selfContained } = await run(text, source.file, read);
  if (compiled === null && selfContained) cache.write(key, text);
  return value;
}

const ownExports = { defineConfig };

async function createJiti(file: string): Promise<Jiti> {
  const { createJiti: create } = await import('jiti/static');
  const options = { fsCache: false, moduleCache: false, sourceMaps: false, virtualModules: { devup: ownExports } };
  try {
    return create(file, { ...options, tsconfigPaths: tsconfigFor(file) ?? false });
  } catch {
    // jiti reads the tsconfig.json at once, and throws any error for a broken one, which a config may do without.
    return create(file, options);
  }
}

async function transform({ file, text }: Source): Promise<string> {
  const jiti = await createJiti(file);
  const compiled = jiti.transform({ source: text, filename: file, ts: /\.[cm]?ts$/.test(file), async: true, retainLines: true });
  const broken = /exports\.__JITI_ERROR__ = (\{.*\})\s*$/.exec(compiled);
  if (broken && !text.includes('__JITI_ERROR__')) {
    const { message, line, column } = JSON.parse(broken[1] as string) as { message: string; line: number; column: number };
    throw new BrokenSource(plainMessage(message), line, column + 1);
  }
  return compiled;
}

/** Removes the file's name, and babel's advice to configure a plugin for unsupported syntax. */
function plainMessage(message: string): string {
  const unknown = /experimental syntax '(\w+)'/.exec(message);
  return unknown ? `syntax that is not supported here: ${unknown[1]}` : message.trim().replace(/^.*?: (?=\S)/, '');
}

/** `selfContained`: the config imported only devup and Node's own modules. */
async function run<T>(
  text: string,
  file: string,
  read: (exports: unknown) => Promise<T>,
): Promise<{ readonly value: T; readonly selfContained: boolean }> {
  const nativeRequire = createRequire(file);
  let selfContained = true;
  let jiti: Promise<Jiti> | null = null;
  const importModule = async (id: string): Promise<unknown> => {
    if (id === 'devup') return ownExports;
    if (isBuiltin(id)) return nativeRequire(id);
    selfContained = false;
    jiti ??= createJiti(file);
    return (await jiti).import(id);
  };
  const require = Object.assign((id: string): unknown => {
    if (id === 'devup') return ownExports;
    if (!isBuiltin(id)) selfContained = false;
    return nativeRequire(id);
  }, nativeRequire);
  const resolveUrl = (id: string): string => (isBuiltin(id) ? id : pathToFileURL(nativeRequire.resolve(id)).href);
  const value = await read(await runModule(text, file, require, { jitiImport: importModule, jitiESMResolve: resolveUrl }));
  return { value, selfContained };
}

function toValue(exports: unknown): { readonly value: unknown } | null {
  if (typeof exports !== 'object' || exports === null) return exports === undefined ? null : { value: exports };
  if ('default' in exports) return { value: exports.default };
  const isModule = '__esModule' in exports || types.isModuleNamespaceObject(exports);
  return isModule || Object.keys(exports).length === 0 ? null : { value: exports };
}
