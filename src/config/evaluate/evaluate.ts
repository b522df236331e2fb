/**
 * TypeScript and modern JavaScript → a value, with whatever TypeScript the project has, or none: the user's `typescript`
 * is never loaded. `import { defineConfig } from 'devup'` gets our own, installed or not.
 *
 * A file that imports nothing but devup and `node:` is compiled once and its text kept; loading it again needs no
 * compiler. The text is a function body that gets `jitiImport` for every import it makes. What does for most configs is
 * tried first: Node's own stripping of types (`native.ts`), or sucrase (`quick.ts`). The value is never kept: a config may
 * read the environment or the clock.
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

/**
 * What is read of the module's export: its `default`, or what CommonJS assigned. Null when it exports nothing. Reading may
 * run more of the config's code (a function, a property), which may import more.
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
    const quickly = await (canUseNode(source.file)
      ? evaluateWithNode(source, cache, version, read)
      : evaluateWithSucrase(source, cache, version, read));
    if (quickly !== 'unsupported') return quickly.value;
  }
  const text = compiled ?? (await transform(source));
  const { value, alone } = await run(text, source.file, read);
  if (compiled === null && alone) cache.write(key, text);
  return value;
}

const ours = { defineConfig };

async function createJiti(file: string): Promise<Jiti> {
  const { createJiti: create } = await import('jiti/static');
  return create(file, { fsCache: false, moduleCache: false, sourceMaps: false, virtualModules: { devup: ours } });
}

async function transform({ file, text }: Source): Promise<string> {
  const jiti = await createJiti(file);
  const compiled = jiti.transform({ source: text, filename: file, ts: /\.[cm]?ts$/.test(file), async: true, retainLines: true });
  const broken = /exports\.__JITI_ERROR__ = (\{.*\})\s*$/.exec(compiled);
  if (broken && !text.includes('__JITI_ERROR__')) {
    const { message, line, column } = JSON.parse(broken[1] as string) as { message: string; line: number; column: number };
    throw new BrokenSource(inOurWords(message), line, column + 1);
  }
  return compiled;
}

/** Without the file's name; of syntax that babel would need a plugin for, without how to configure babel. */
function inOurWords(message: string): string {
  const unknown = /experimental syntax '(\w+)'/.exec(message);
  return unknown ? `syntax that is not supported here: ${unknown[1]}` : message.trim().replace(/^.*?: (?=\S)/, '');
}

/** `alone`: it has imported nothing but devup and what comes with Node. */
async function run<T>(
  text: string,
  file: string,
  read: (exports: unknown) => Promise<T>,
): Promise<{ readonly value: T; readonly alone: boolean }> {
  const nativeRequire = createRequire(file);
  let alone = true;
  let jiti: Promise<Jiti> | null = null;
  const load = async (id: string): Promise<unknown> => {
    if (id === 'devup') return ours;
    if (isBuiltin(id)) return nativeRequire(id);
    alone = false;
    jiti ??= createJiti(file);
    return (await jiti).import(id);
  };
  const require = Object.assign((id: string): unknown => {
    if (id === 'devup') return ours;
    if (!isBuiltin(id)) alone = false;
    return nativeRequire(id);
  }, nativeRequire);
  const resolveUrl = (id: string): string => (isBuiltin(id) ? id : pathToFileURL(nativeRequire.resolve(id)).href);
  const value = await read(await runModule(text, file, require, { jitiImport: load, jitiESMResolve: resolveUrl }));
  return { value, alone };
}

function toValue(exports: unknown): { readonly value: unknown } | null {
  if (typeof exports !== 'object' || exports === null) return exports === undefined ? null : { value: exports };
  if ('default' in exports) return { value: exports.default };
  const isModule = '__esModule' in exports || types.isModuleNamespaceObject(exports);
  return isModule || Object.keys(exports).length === 0 ? null : { value: exports };
}
