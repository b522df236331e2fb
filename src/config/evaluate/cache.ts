/**
 * Compiled configs on disk, keyed by content, in `node_modules/.cache/devup` or the user's cache folder. The cache only
 * saves time: an unreadable folder counts as empty, and a broken entry as absent.
 *
 * An entry holds its whole key, which is compared, so the hash that names the file need not be cryptographic. Loading
 * `node:crypto` would take longer than everything else here.
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { unless } from '../../model/errno.ts';
import { fnv1a } from '../../model/fnv1a.ts';
import { readJson } from '../../model/json.ts';
import type { Platform } from '../../model/platform.ts';
import { writeCacheFile } from './cache-files.ts';

/** Everything that an entry depends on: version, kind, content. */
export type CacheKey = readonly string[];

export interface Cache {
  /** Null for an absent or broken entry. */
  read(key: CacheKey): string | null;
  write(key: CacheKey, text: string): void;
}

interface Entry {
  readonly key: CacheKey;
  readonly text: string;
}

export function fileCache(folder: string): Cache {
  return {
    read(key) {
      const stored = unless(unusable, () => readFileSync(path.join(folder, nameOf(key)), 'utf8'));
      const entry = stored === null ? null : parse(stored);
      return entry !== null && key.length === entry.key.length && key.every((part, index) => part === entry.key[index]) ? entry.text : null;
    },
    write(key, text) {
      const name = nameOf(key);
      unless(unusable, () => {
        writeCacheFile(folder, name, JSON.stringify({ key, text } satisfies Entry), maxEntries);
      });
    },
  };
}

/** Null for an entry that is incomplete or not devup's. */
function parse(stored: string): Entry | null {
  const entry = readJson(stored) as Partial<Entry> | null | undefined;
  return Array.isArray(entry?.key) && typeof entry.text === 'string' ? (entry as Entry) : null;
}

function nameOf(key: CacheKey): string {
  return fnv1a(key.join('\0'));
}

/** Inside the project's node_modules if it has one, so that the cache is deleted with it. */
export function cacheFolder(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: Pick<Platform, 'cachesFolder'>,
): string {
  const packages = path.join(root, 'node_modules');
  const isFolder = unless(unusable, () => statSync(packages).isDirectory());
  return isFolder ? path.join(packages, '.cache', 'devup') : path.join(platform.cachesFolder(env), 'devup');
}

/** Every edit of a config adds an entry. */
const maxEntries = 64;

/** Error codes of a cache folder that cannot be used: absent, forbidden, read-only, full, or not a folder. */
const unusable: readonly string[] = [
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EISDIR',
  'EEXIST',
  'EMFILE',
  'ENFILE',
];
