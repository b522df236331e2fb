/**
 * Compiled configs on disk, keyed by content, in the user's cache folder: an entry is code that runs, so it must not come with a
 * repository, nor from another user. The cache only saves time: an unreadable folder counts as empty, and a broken entry as absent.
 *
 * An entry holds its whole key, which is compared, so the hash that names the file need not be cryptographic. Loading
 * `node:crypto` would take longer than everything else here.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
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

function fileCache(folder: string, limit: number): Cache {
  return {
    read(key) {
      const stored = unless(unusable, () => readOwnFile(path.join(folder, nameOf(key))));
      const entry = stored === null ? null : parse(stored);
      return entry !== null && key.length === entry.key.length && key.every((part, index) => part === entry.key[index]) ? entry.text : null;
    },
    write(key, text) {
      const name = nameOf(key);
      unless(unusable, () => {
        writeCacheFile(folder, name, JSON.stringify({ key, text } satisfies Entry), limit);
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

/** Null if it is no regular file of this user. */
function readOwnFile(file: string): string | null {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(fd);
    const user = process.geteuid?.();
    return stat.isFile() && stat.size <= largestBytes && (user === undefined || stat.uid === user) ? readFileSync(fd, 'utf8') : null;
  } finally {
    closeSync(fd);
  }
}

const noCache: Cache = { read: () => null, write: () => undefined };

/** The cache of this user. Under sudo there is none: root's files would end up in the user's folder. `limit`: of entries. */
export function userCache(folder: string, env: Readonly<Record<string, string | undefined>>, limit = maxEntries): Cache {
  return env['SUDO_UID'] === undefined ? fileCache(folder, limit) : noCache;
}

export function cacheFolder(env: Readonly<Record<string, string | undefined>>, platform: Pick<Platform, 'cachesFolder'>): string {
  return path.join(platform.cachesFolder(env), 'devup');
}

const largestBytes = 16 * 1024 * 1024;

/** Every edit of a config adds an entry. */
const maxEntries = 64;

/** Error codes of a cache folder that cannot be used: absent, forbidden, read-only, full, or not a folder. */
const unusable: readonly string[] = [
  'ENOENT',
  'ELOOP',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EISDIR',
  'ENXIO',
  'EEXIST',
  'EMFILE',
  'ENFILE',
];
