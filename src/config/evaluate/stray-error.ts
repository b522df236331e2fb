/**
 * Attributes an uncaught error to the config or to devup. A config may leave timers, promises and connections behind. The
 * error is the config's when its stack leads there or into files that are not devup's, or when the thrown value is no
 * Error, since devup throws only Errors. A stack with only Node's own code counts as devup's.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FailureOf } from '../../model/failure.ts';
import { describeThrown, isError, locateError } from './thrown.ts';

/** Configs whose code has run in this process, the latest last. */
const evaluated = new Set<string>();

export function rememberConfig(file: string): void {
  evaluated.delete(file);
  evaluated.add(file);
}

/** E306, or null when the error is devup's. `own` is the folder of devup's code. */
export function strayFailure(error: unknown, own: string): Omit<FailureOf<'E306'>, 'crashFile'> | null {
  const last = [...evaluated].at(-1);
  if (last === undefined) return null;
  const stack = isError(error) ? (error.stack ?? '') : '';
  const named = [...evaluated].find((file) => locateError(stack, file).line !== null);
  if (named === undefined && isError(error)) {
    const files = filesIn(stack);
    if (files.length === 0 || files.some((file) => file.startsWith(`${own}${path.sep}`))) return null;
  }
  const file = named ?? last;
  return { code: 'E306', kind: 'config-threw-later', file, ...describeThrown(error, file) };
}

/** Files of the stack frames. Frames of Node's own code have none. */
function filesIn(stack: string): readonly string[] {
  return stack.split('\n').flatMap((frame) => {
    const place = /^ {4}at (?:.*\()?(?:async )?(.+?):\d+:\d+\)?$/.exec(frame)?.[1];
    if (place === undefined) return [];
    if (place.startsWith('file://')) return [fileURLToPath(place.replace(/[?#].*$/, ''))];
    return path.isAbsolute(place) ? [place] : [];
  });
}
