/** Files that only save time, in a folder of their own. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Readers meanwhile get all of a file or nothing. The older half goes when there are `most`; other caches of ours are folders beside
 * them. Throws what the system says.
 */
export function writeCacheFile(folder: string, name: string, content: string | Uint8Array, most: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  prune(folder, most);
  const draft = join(folder, `.${name}.${process.pid}.${process.hrtime.bigint()}`);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, join(folder, name));
}

function prune(folder: string, most: number): void {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  if (names.length < most) return;
  const aged = names.map((name) => ({ name, at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  const old = aged.toSorted((a, b) => a.at - b.at).slice(0, most / 2);
  for (const { name } of old) rmSync(join(folder, name), { force: true });
}
