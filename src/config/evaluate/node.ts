/**
 * Node 22.18 and newer strip types themselves. That serves a config that imports nothing but devup and `node:`; one
 * that imports more, or uses syntax which needs real compiling (`enum`), is left to jiti, so that what a config may do
 * does not depend on the version of Node.
 */
import * as nodeModule from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Source } from '../find/source.ts';
import { Attempt } from './attempt.ts';
import type { Cache } from './cache.ts';

/** What newer versions of Node have there. */
interface Hooks {
  readonly registerHooks: (hooks: {
    resolve(specifier: string, context: { readonly parentURL?: string }, next: (...args: unknown[]) => unknown): unknown;
    load(url: string, context: object, next: (...args: unknown[]) => unknown): unknown;
  }) => { deregister(): void };
  readonly stripTypeScriptTypes: (text: string) => string;
}

const node = nodeModule as Partial<Hooks>;
const ourUrl = 'devup:config';
const ourSource = 'export const defineConfig = (config) => config;';

/** Whether this file can be tried without a compiler. */
export function canUseNode(file: string): boolean {
  const { typescript } = process.features as { typescript?: unknown };
  return (
    Boolean(typescript) &&
    node.registerHooks !== undefined &&
    node.stripTypeScriptTypes !== undefined &&
    ['.ts', '.mts'].includes(path.extname(file))
  );
}

/** What is read of the module's namespace. */
export async function evaluateWithNode<T>(
  source: Source,
  cache: Cache,
  version: string,
  read: (exports: object) => Promise<T>,
): Promise<{ readonly value: T } | 'unsupported'> {
  const key = [version, 'native', process.version, source.text];
  const kept = cache.read(key);
  const text = kept ?? strip(source.text);
  if (text === null) return 'unsupported';
  // A name of its own each time, in this process and not only in this bundle: Node would not run the same one twice, and a
  // name that failed fails again in the same way.
  const url = `${pathToFileURL(source.file)}?devup=${process.hrtime.bigint()}`;
  const attempt = new Attempt();
  const hooks = (node as Hooks).registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'devup') return { url: ourUrl, format: 'module', shortCircuit: true };
      if (specifier === url || specifier === source.file || nodeModule.isBuiltin(specifier) || context.parentURL !== url)
        return next(specifier, context);
      return attempt.refuseImport();
    },
    load(at, context, next) {
      if (at === ourUrl) return { format: 'module', source: ourSource, shortCircuit: true };
      if (at === url) return { format: 'module', source: text, shortCircuit: true };
      return next(at, context);
    },
  });
  try {
    const result = await attempt.result(async () => read((await import(url)) as object));
    if (result !== 'unsupported' && kept === null) cache.write(key, text);
    return result;
  } finally {
    hooks.deregister();
  }
}

/** Null for syntax that stripping cannot do, and for what is no syntax at all: the compiler tells where. */
function strip(text: string): string | null {
  const { emitWarning } = process;
  // The function is new in Node, and says so on stderr.
  process.emitWarning = () => {};
  try {
    return (node as Hooks).stripTypeScriptTypes(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  } finally {
    process.emitWarning = emitWarning;
  }
}
