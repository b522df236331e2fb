/**
 * Most configs need only their types removed, and import only devup and `node:`. Where Node cannot strip types, sucrase
 * does it in a fraction of the time of jiti's compiler. sucrase does not report every syntax error, so jiti compiles a
 * config that fails here or imports more, and reports where and why.
 */
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { defineConfig } from '../define.ts';
import type { Source } from '../find/source.ts';
import { Attempt } from './attempt.ts';
import type { Cache } from './cache.ts';
import { runModule } from './run-module.ts';

const ownExports = { defineConfig };

/** Returns what `read` makes of the module's exports. */
export async function evaluateWithSucrase<T>(
  source: Source,
  cache: Cache,
  version: string,
  read: (exports: unknown) => Promise<T>,
): Promise<{ readonly value: T } | 'unsupported'> {
  if (!looksSimple(source.text)) return 'unsupported';
  const key = [version, 'sucrase', path.extname(source.file), source.text];
  const cached = cache.read(key);
  const text = cached ?? (await stripTypes(source));
  if (text === null) return 'unsupported';
  const nativeRequire = createRequire(source.file);
  const attempt = new Attempt();
  const require = (id: string): unknown => {
    if (id === 'devup') return ownExports;
    return isBuiltin(id) ? nativeRequire(id) : attempt.refuseImport();
  };
  const result = await attempt.result(async () => read(await runModule(text, source.file, require)));
  if (result !== 'unsupported' && cached === null) cache.write(key, text);
  return result;
}

/** Modules without a default export are rare and left to jiti. sucrase silently drops TypeScript namespaces. */
function looksSimple(text: string): boolean {
  return /^export default\b/m.test(text) && !/\b(?:namespace|module)\s+[\w$.]+\s*\{/.test(text);
}

/** TypeScript or ES modules → CommonJS on the same lines. Null for a syntax error, though sucrase does not find all. */
async function stripTypes({ text, file }: Source): Promise<string | null> {
  const { default: sucrase } = await import('sucrase');
  try {
    return sucrase.transform(text, {
      transforms: /\.[cm]?ts$/.test(file) ? ['typescript', 'imports'] : ['imports'],
      disableESTransforms: true,
      production: true,
      filePath: file,
    }).code;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
