/** How a command ends: its failure in words or as JSON. */
import type { Failure } from '../../model/failure.ts';
import { failureJson, type JsonObject, jsonLine } from '../../render/json.ts';
import { formatFailure } from '../../render/words.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { Screen } from './screen.ts';

/** Resolves with the exit code when all of it was written. */
export async function done(shown: Screen, failure: Failure | null, exitCode = failure ? exitCodeOf(failure) : 0): Promise<number> {
  if (failure && shown.json) void shown.out.write(jsonLine(failureJson(failure, shown.viewer, { stack: shown.debug })));
  else if (failure) void shown.err.write(formatFailure(failure, { viewer: shown.viewer, colour: shown.errColour, stack: shown.debug }));
  await Promise.all([shown.out.flush(), shown.err.flush()]);
  return exitCode;
}

/** The one object that a command without events answers with. */
export async function printJson(shown: Screen, value: JsonObject, exitCode = 0): Promise<number> {
  void shown.out.write(jsonLine({ schemaVersion: 1, ...value }));
  await shown.out.flush();
  return exitCode;
}

/** The end of a command that tells its events: as JSON, the last line is `done`. */
export async function doneStarting(shown: Screen, failure: Failure | null, exitCode = failure ? exitCodeOf(failure) : 0): Promise<number> {
  await done(shown, failure, exitCode);
  if (shown.json) void shown.out.write(jsonLine({ type: 'done', ok: exitCode === 0, exitCode, at: new Date().toISOString() }));
  await shown.out.flush();
  return exitCode;
}
