/**
 * An error that nobody caught, after a config was read: whose is it? A config that is code may leave timers, promises
 * and connections behind. It is the config's when its stack leads there, or into files that are not devup's, or when it is no
 * error at all: devup throws none such. An error that only Node's own code stands in could be anybody's, and is devup's.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FailureOf } from '../../model/failure.ts';
import { isError, locateError, thrown } from './thrown.ts';

/** The configs whose code has run in this process, the last one at the end. */
const ran = new Set<string>();

export function rememberConfig(file: string): void {
  ran.delete(file);
  ran.add(file);
}

/** Null: not the config's. `own` is the folder of devup's code. */
export function strayFailure(error: unknown, own: string): Omit<FailureOf<'E306'>, 'crashFile'> | null {
  const last = [...ran].at(-1);
  if (last === undefined) return null;
  const stack = isError(error) ? (error.stack ?? '') : '';
  const named = [...ran].find((file) => locateError(stack, file).line !== null);
  if (named === undefined && isError(error)) {
    const files = filesIn(stack);
    if (files.length === 0 || files.some((file) => file.startsWith(`${own}${path.sep}`))) return null;
  }
  const file = named ?? last;
  return { code: 'E306', kind: 'config-threw-later', file, ...thrown(error, file) };
}

/** Of the frames; Node's own have none. */
function filesIn(stack: string): readonly string[] {
  return stack.split('\n').flatMap((frame) => {
    const place = /^ {4}at (?:.*\()?(?:async )?(.+?):\d+:\d+\)?$/.exec(frame)?.[1];
    if (place === undefined) return [];
    if (place.startsWith('file://')) return [fileURLToPath(place.replace(/[?#].*$/, ''))];
    return path.isAbsolute(place) ? [place] : [];
  });
}
