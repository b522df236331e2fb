/** `devup stop` without a session: ends the leftovers of all services, or of the named ones. */

import type { RecordFault } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { dependentsOf, resolveDependencies } from '../model/plan.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { unknownName } from '../model/unknown-service.ts';
import { readDebugRecords } from '../processes/debug-record.ts';
import { endLeftovers } from '../processes/end-leftovers.ts';
import { findLeftoverContainers } from '../processes/leftover-containers.ts';
import { findLeftovers, type LeftoverSource } from '../processes/leftovers.ts';
import { inspectRecord, recordFile, removeRecord } from '../processes/record.ts';
import type { AppContext } from './context.ts';
import { loadTarget, type Target } from './target.ts';

export interface LeftoverRequest {
  /** Empty: all services. */
  readonly services: readonly string[];
  /** Includes the dependents of these services. */
  readonly withDependents: boolean;
  /** Called before anything is ended, when the record of the earlier session cannot be trusted. */
  readonly onRecordIgnored: (file: string, why: RecordFault) => void;
}

/** The services that had leftovers. Failures: E002, E110. */
export async function stopLeftovers(
  target: Target,
  request: LeftoverRequest,
  context: AppContext,
): Promise<Result<readonly string[], Failure>> {
  const { machine } = context;
  const read = await inspectRecord(machine, target.folder);
  const record = typeof read === 'string' ? null : read;
  const { dead } = await readDebugRecords(machine, target.folder);
  const source = { stackId: target.id, liveSession: null, record, debug: { folder: target.folder, dead } };
  const chosen = await chooseServices(request, source, target, context);
  if (!chosen.ok) return chosen;
  if (typeof read === 'string') request.onRecordIgnored(recordFile(target.folder), read);
  const { found, containers, failure } = await endLeftovers(machine, source, chosen.value === null ? {} : { services: chosen.value });
  if (failure) return fail(failure);
  // The record also shows which leftovers belong to the other services.
  if (chosen.value === null || (await isNothingLeft(source, context))) removeRecord(target.folder);
  return ok([...new Set([...found, ...containers].map(({ service }) => service))]);
}

async function isNothingLeft(source: LeftoverSource, { machine }: AppContext): Promise<boolean> {
  return (await findLeftovers(machine, source)).length === 0 && (await findLeftoverContainers(source)).length === 0;
}

/**
 * The named services, with their dependents if requested; null: all. Failure: E002. The config is run only for names and
 * dependents that the record and the leftovers do not show.
 */
async function chooseServices(
  { services: words, withDependents }: LeftoverRequest,
  source: LeftoverSource,
  target: Target,
  context: AppContext,
): Promise<Result<readonly string[] | null, Failure>> {
  if (words.length === 0) return ok(null);
  const left = await findLeftovers(context.machine, source);
  const remembered = [...(source.record?.services ?? []).map(({ name }) => name), ...left.map(({ service }) => service)];
  if (!withDependents && words.every((word) => remembered.includes(word))) return ok(words);
  const stack = await loadTarget(target, context);
  const services = stack.ok ? stack.value.services : [];
  const known = new Set([...services.map(({ name }) => name), ...remembered]);
  const unknown = unknownName(words, [...known]);
  // If neither the config nor a record can be read, any name may be right.
  if (unknown && (stack.ok || source.record)) return fail(unknown);
  return ok(withDependents ? [...words, ...dependentsOf(words, resolveDependencies(services))] : words);
}
