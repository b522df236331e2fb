/**
 * Where Node does not strip types, most configs need no more than that either: types removed, and imports of devup and
 * `node:`. sucrase is loaded and has done it in a fraction of the time that jiti's compiler takes. It believes what it
 * reads, so whatever looks wrong here, or imports more, is compiled by jiti, which says where and why.
 */
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { defineConfig } from '../define.ts';
import type { Source } from '../find/source.ts';
import { Attempt } from './attempt.ts';
import type { Cache } from './cache.ts';
import { runModule } from './run-module.ts';

const ours = { defineConfig };

/** What is read of the module's exports. */
export async function evaluateWithSucrase<T>(
  source: Source,
  cache: Cache,
  version: string,
  read: (exports: unknown) => Promise<T>,
): Promise<{ readonly value: T } | 'unsupported'> {
  if (!looksSimple(source.text)) return 'unsupported';
  const key = [version, 'sucrase', path.extname(source.file), source.text];
  const kept = cache.read(key);
  const text = kept ?? (await stripTypes(source));
  if (text === null) return 'unsupported';
  const nativeRequire = createRequire(source.file);
  const attempt = new Attempt();
  const require = (id: string): unknown => {
    if (id === 'devup') return ours;
    return isBuiltin(id) ? nativeRequire(id) : attempt.refuseImport();
  };
  const result = await attempt.result(async () => read(await runModule(text, source.file, require)));
  if (result !== 'unsupported' && kept === null) cache.write(key, text);
  return result;
}

/** Modules without a default are few, and exports mean other things in them. Namespaces sucrase leaves out without a word. */
function looksSimple(text: string): boolean {
  return /^export default\b/m.test(text) && !/\b(?:namespace|module)\s+[\w$.]+\s*\{/.test(text);
}

/** TypeScript or modules → CommonJS on the same lines. Null for what is no syntax; not all of that is noticed. */
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
