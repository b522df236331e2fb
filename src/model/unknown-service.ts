/** Makes E002, for a name that no service has. */
import type { Failure, FailureOf } from './failure.ts';
import { suggest } from './suggest.ts';

/** E002 for the first name that is not among the known ones; null when all are known. */
export function unknownName(names: readonly string[], known: readonly string[]): Failure | null {
  const name = names.find((candidate) => !known.includes(candidate));
  return name === undefined ? null : noSuchService(name, known);
}

/** E002, with the nearest known name as a suggestion. */
export function noSuchService(name: string, known: readonly string[]): FailureOf<'E002'> {
  return { code: 'E002', kind: 'unknown-service', name, known, suggestion: suggest(name, known) };
}
