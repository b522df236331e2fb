/** Writes cache files into a folder of their own, and limits their number. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a file atomically: a reader gets all of it or nothing. At `maxFiles` files, the older half is removed. Subfolders are
 * other caches and stay. Throws the system's error.
 */
export function writeCacheFile(folder: string, name: string, content: string | Uint8Array, maxFiles: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  prune(folder, maxFiles);
  const draft = join(folder, `.${name}.${process.pid}.${process.hrtime.bigint()}`);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, join(folder, name));
}

function prune(folder: string, maxFiles: number): void {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  if (names.length < maxFiles) return;
  const aged = names.map((name) => ({ name, at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  const old = aged.toSorted((a, b) => a.at - b.at).slice(0, maxFiles / 2);
  for (const { name } of old) rmSync(join(folder, name), { force: true });
}
