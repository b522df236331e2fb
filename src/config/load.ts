import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import type { ConfigLocation } from './find/walk.ts';
import { packages } from './imports.ts';
import { type LoadContext, readStack } from './read.ts';

/** A config file → the stack it declares. E302 … E305: every problem of the file at once. */
export function loadStack(location: ConfigLocation, context: LoadContext): Promise<Result<Stack, Failure>> {
  return readStack(location, context, packages);
}

export type { LoadContext } from './read.ts';
