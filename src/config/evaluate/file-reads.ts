/**
 * Records which files a config reads while it is evaluated: the modules that it imports, however deep, and data that it
 * reads with `node:fs`. A running session then knows when to evaluate it again. Neither Node nor jiti reports them all, so
 * the functions of `node:fs`, which jiti and `require` use as well, are replaced for that time.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

type Reader = (...args: unknown[]) => unknown;

const owners: readonly (readonly [owner: object, names: readonly string[]])[] = [
  [fs, ['readFileSync', 'readFile', 'readdirSync', 'readdir', 'createReadStream']],
  [fs.promises, ['readFile', 'readdir']],
];

/** `onRead` gets absolute paths, some of them more than once. Call it only while one config at a time is evaluated (`contain`). */
export async function withFileReads<T>(onRead: (file: string) => void, run: () => Promise<T>): Promise<T> {
  const restores = owners.flatMap(([owner, names]) => names.map((name) => replace(owner as Record<string, Reader>, name, onRead)));
  // Named imports of `node:fs` are copies.
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    for (const restore of restores) restore();
    syncBuiltinESMExports();
  }
}

function replace(owner: Record<string, Reader>, name: string, onRead: (file: string) => void): () => void {
  const original = owner[name] as Reader;
  owner[name] = Object.assign(function (this: unknown, ...args: unknown[]) {
    const file = toFile(args[0]);
    if (file !== null) onRead(file);
    return original.apply(this, args);
  }, original);
  return () => {
    owner[name] = original;
  };
}

/** Null for a descriptor, and for a path that its function refuses. */
function toFile(given: unknown): string | null {
  if (given instanceof URL) return given.protocol === 'file:' ? fileURLToPath(given) : null;
  return typeof given === 'string' ? path.resolve(given) : Buffer.isBuffer(given) ? path.resolve(given.toString()) : null;
}
