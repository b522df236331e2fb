/**
 * Node 22.18 and newer strip types themselves, which is enough for a config that imports only devup and `node:`. jiti
 * evaluates a config that imports more or uses syntax to be compiled (`enum`), so that what a config may do does not
 * depend on the version of Node.
 */
import * as nodeModule from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Source } from '../find/source.ts';
import { Attempt } from './attempt.ts';
import type { Cache } from './cache.ts';

/** The part of `node:module` that Node 20 lacks. */
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

/** Whether this version of Node can strip the types of this file. */
export function canUseNode(file: string): boolean {
  const { typescript } = process.features as { typescript?: unknown };
  return (
    Boolean(typescript) &&
    node.registerHooks !== undefined &&
    node.stripTypeScriptTypes !== undefined &&
    ['.ts', '.mts'].includes(path.extname(file))
  );
}

/** Returns what `read` makes of the module's namespace. */
export async function evaluateWithNode<T>(
  source: Source,
  cache: Cache,
  version: string,
  read: (exports: object) => Promise<T>,
): Promise<{ readonly value: T } | 'unsupported'> {
  const key = [version, 'native', process.version, source.text];
  const cached = cache.read(key);
  const text = cached ?? strip(source.text);
  if (text === null) return 'unsupported';
  // Node evaluates a URL once per process and repeats its failure, so each evaluation needs a URL that no bundle has used.
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
    if (result !== 'unsupported' && cached === null) cache.write(key, text);
    return result;
  } finally {
    hooks.deregister();
  }
}

/** Null for syntax that cannot be stripped and for syntax errors, whose position jiti reports. */
function strip(text: string): string | null {
  const { emitWarning } = process;
  // The function prints an experimental warning on stderr.
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
