/**
 * Remembers in the user's cache folder which configs this user has run, so that `devup` alone runs no other. A config that is data runs
 * no code when it is read.
 */
import path from 'node:path';
import type { Platform } from '../../model/platform.ts';
import { cacheFolder, userCache } from './cache.ts';
import { isData } from './data.ts';

export interface KnownConfigsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: Pick<Platform, 'cachesFolder'>;
}

const LIMIT = 1000;

/** `file`: a real path. */
export function isKnownConfig(file: string, context: KnownConfigsContext): boolean {
  return isData(file) || known(context).read(keyOf(file)) !== null;
}

export function rememberKnownConfig(file: string, context: KnownConfigsContext): void {
  if (!isKnownConfig(file, context)) known(context).write(keyOf(file), '');
}

function known({ env, platform }: KnownConfigsContext) {
  return userCache(path.join(cacheFolder(env, platform), 'known-configs'), env, LIMIT);
}

function keyOf(file: string): readonly string[] {
  return ['known', file];
}
