/** `find` and `load` for a bundle without packages: null for what only the whole program can answer. */
import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import { type ConfigLocation, type FindOptions, walkToConfig } from './find/walk.ts';
import { NeedsPackages, noPackages } from './packages.ts';
import { type LoadContext, readStack } from './read.ts';

/** Null where the search must look into other files than `orchestrator.config.*`. */
export function findKept(options: FindOptions): Promise<Result<ConfigLocation, Failure> | null> {
  return orNull(() => walkToConfig(options, noPackages));
}

/** Null for a config that changed since it was last loaded, that imports other files, or that is wrong. */
export function loadKept(location: ConfigLocation, context: LoadContext): Promise<Result<Stack, Failure> | null> {
  return orNull(() => readStack(location, context, noPackages));
}

async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NeedsPackages) return null;
    throw error;
  }
}
