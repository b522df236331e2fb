/** The user's folder for caches, as the environment names it. In a file of its own, since `bin.ts` loads no machine. */
import path from 'node:path';
import type { PlatformName } from '../model/platform.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type NamedFolder = (env: Environment) => string | null;

/** Null: the environment names none. A relative path names none, either. */
export const CACHES_FOLDERS: { readonly [N in PlatformName]: NamedFolder } = {
  linux: (env) => ownChoice(env) ?? inHome(env['HOME'], '.cache'),
  darwin: (env) => ownChoice(env) ?? inHome(env['HOME'], 'Library', 'Caches'),
  win32: ({ LOCALAPPDATA: base, USERPROFILE: home }) => absolute(base) ?? inHome(home, 'AppData', 'Local'),
};

/** The same for this machine. */
export function cachesFolderHere(env: Environment): string | null {
  const folders: Partial<Record<NodeJS.Platform, NamedFolder>> = CACHES_FOLDERS;
  return folders[process.platform]?.(env) ?? null;
}

function ownChoice(env: Environment): string | null {
  return absolute(env['XDG_CACHE_HOME']);
}

function absolute(folder: string | undefined): string | null {
  return folder && path.isAbsolute(folder) ? folder : null;
}

function inHome(home: string | undefined, ...folders: readonly string[]): string | null {
  return home ? path.join(home, ...folders) : null;
}
