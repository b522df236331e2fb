/**
 * Where Node does not strip types, most configs need no more than that either: types removed, and imports of devup and
 * `node:`. sucrase is loaded and has done it in a fraction of the time that jiti's compiler takes. It believes what it
 * reads, so whatever looks wrong here, or imports more, is compiled by jiti, which says where and why.
 */
import { createRequire, isBuiltin } from 'node:module';
import { runBody } from './body.ts';
import type { Cache } from './cache.ts';
import { defineConfig } from './define.ts';
import type { Packages } from './packages.ts';
import type { Source } from './source.ts';

const ours = { defineConfig };

/** What the module exports. */
export async function evaluateQuickly(source: Source, cache: Cache, version: string, packages: Packages): Promise<unknown | 'unsupported'> {
  if (!looksSimple(source.text)) return 'unsupported';
  const key = [version, 'sucrase', source.text];
  const kept = cache.read(key);
  const text = kept ?? (await packages.strip()).stripTypes(source.text, source.file);
  if (text === null) return 'unsupported';
  const nativeRequire = createRequire(source.file);
  let importsMore = false;
  const require = (id: string): unknown => {
    if (id === 'devup') return ours;
    if (isBuiltin(id)) return nativeRequire(id);
    // The config may catch this.
    importsMore = true;
    throw new ImportsMore();
  };
  try {
    const exports = await runBody(text, source.file, require);
    if (importsMore) return 'unsupported';
    if (kept === null) cache.write(key, text);
    return exports;
  } catch (error) {
    if (importsMore || error instanceof SyntaxError || error instanceof ReferenceError) return 'unsupported';
    throw error;
  }
}

/** CommonJS and modules without a default are few, and exports mean other things in them. */
function looksSimple(text: string): boolean {
  const imported = Array.from(text.matchAll(/^import\b[^'"]*['"]([^'"]+)['"]/gm), ([, id]) => id as string);
  return /^export default\b/m.test(text) && imported.every((id) => id === 'devup' || isBuiltin(id));
}

class ImportsMore extends Error {}
