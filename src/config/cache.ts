/**
 * Compiled configs on disk, keyed by content, in `node_modules/.cache/devup` or the user's cache folder. It only saves
 * time: a folder that cannot be read or written is as good as an empty one.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export interface Cache {
  /** Null when it was never written, or not wholly. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
}

export function cacheKey(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 40);
}

export function fileCache(folder: string): Cache {
  return {
    async read(key) {
      const stored = await expecting(unusable, () => readFile(path.join(folder, key), 'utf8'));
      const end = stored?.lastIndexOf('\n') ?? -1;
      const text = stored?.slice(0, end) ?? '';
      return end !== -1 && stored?.slice(end + 1) === cacheKey(text) ? text : null;
    },
    async write(key, text) {
      await expecting(unusable, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await prune(folder);
        const draft = path.join(folder, `.${key}.${randomBytes(6).toString('hex')}`);
        await writeFile(draft, `${text}\n${cacheKey(text)}`, { mode: 0o600 });
        await rename(draft, path.join(folder, key));
      });
    },
  };
}

/** Beside the project's packages where it has any, so that it goes when they go. */
export async function cacheFolder(root: string, env: Readonly<Record<string, string | undefined>>, platform: string): Promise<string> {
  const packages = path.join(root, 'node_modules');
  const isFolder = await expecting(unusable, async () => (await stat(packages)).isDirectory());
  return isFolder ? path.join(packages, '.cache', 'devup') : path.join(userCache(env, platform), 'devup');
}

function userCache(env: Readonly<Record<string, string | undefined>>, platform: string): string {
  const home = (platform === 'win32' ? env['USERPROFILE'] : env['HOME']) || homedir();
  const base = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_CACHE_HOME'];
  if (base && path.isAbsolute(base)) return base;
  return platform === 'win32'
    ? path.join(home, 'AppData', 'Local')
    : platform === 'darwin'
      ? path.join(home, 'Library', 'Caches')
      : path.join(home, '.cache');
}

const mostEntries = 64;

/** Every edit of a config leaves an entry behind: the older half goes when there are too many. */
async function prune(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length < mostEntries) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await expecting(unusable, () => stat(path.join(folder, name))))?.mtimeMs ?? 0 })),
  );
  const old = aged.toSorted((a, b) => a.at - b.at).slice(0, mostEntries / 2);
  await Promise.all(old.map(({ name }) => rm(path.join(folder, name), { force: true })));
}

/** Absent, forbidden, read-only, full, or no folder at all. */
const unusable = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EISDIR', 'EEXIST', 'EMFILE', 'ENFILE']);

async function expecting<T>(codes: ReadonlySet<string>, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (codes.has(String((error as NodeJS.ErrnoException).code))) return null;
    throw error;
  }
}
