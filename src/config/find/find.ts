import type { Failure } from '../../model/failure.ts';
import type { Result } from '../../model/result.ts';
import { packages } from '../imports.ts';
import { type ConfigLocation, type FindOptions, walkToConfig } from './walk.ts';

/** E301 when there is none; E302 when a named one is not there or is of no known kind. */
export function findConfig(options: FindOptions): Promise<Result<ConfigLocation, Failure>> {
  return walkToConfig(options, packages);
}

export type { ConfigLocation, FindOptions } from './walk.ts';
