/** Ends a command: prints its failure as text or JSON, and returns its exit code. */
import { exitCodeOf } from '../../model/exit-code.ts';
import type { Failure } from '../../model/failure.ts';
import { failureJson, type JsonObject, jsonLine } from '../../render/json.ts';
import { formatFailure } from '../../render/words.ts';
import type { Screen } from './screen.ts';

/** Resolves with the exit code once all output is written. `others`: what else failed, for a reader of text. */
export async function finish(
  shown: Screen,
  failure: Failure | null,
  exitCode = failure ? exitCodeOf(failure) : 0,
  others: readonly Failure[] = [],
): Promise<number> {
  if (failure && shown.json) void shown.out.write(jsonLine(failureJson(failure, shown.viewer, { stack: shown.debug })));
  else if (failure) {
    const format = { viewer: shown.viewer, colour: shown.errColour, stack: shown.debug };
    for (const one of [failure, ...others.filter((other) => !isSame(other, failure))]) void shown.err.write(formatFailure(one, format));
  }
  await Promise.all([shown.out.flush(), shown.err.flush()]);
  return exitCode;
}

/** Prints the one JSON object of a command without events. */
export async function printJson(shown: Screen, value: JsonObject, exitCode = 0): Promise<number> {
  void shown.out.write(jsonLine({ schemaVersion: 1, ...value }));
  await shown.out.flush();
  return exitCode;
}

/** Ends a command that prints events; its last line of JSON is `done`. */
export async function finishStart(
  shown: Screen,
  failure: Failure | null,
  exitCode = failure ? exitCodeOf(failure) : 0,
  others: readonly Failure[] = [],
): Promise<number> {
  await finish(shown, failure, exitCode, others);
  if (shown.json) void shown.out.write(jsonLine({ type: 'done', ok: exitCode === 0, exitCode, at: new Date().toISOString() }));
  await shown.out.flush();
  return exitCode;
}

function isSame(a: Failure, b: Failure): boolean {
  return a.code === b.code && 'service' in a && 'service' in b && a.service === b.service;
}
