/** `devup stop` where no session runs: ends what an earlier one left behind, all of it or of the services that were named. */

import { loadTarget, type Target } from '../app/target.ts';
import type { Failure } from '../model/failure.ts';
import { dependentsOf, resolveDependencies } from '../model/plan.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { unknownName } from '../model/unknown-service.ts';
import { endLeftovers } from '../processes/end-leftovers.ts';
import { findLeftovers, type LeftoverSource } from '../processes/leftovers.ts';
import { inspectRecord, recordFile, removeRecord } from '../processes/record.ts';
import { recordIgnored } from '../render/words/notices.ts';
import type { Context, Parsed } from './context.ts';
import type { Screen } from './screen.ts';

/** The services of which something was ended. Failures: E002, E110. */
export async function stopLeftovers(
  target: Target,
  parsed: Parsed,
  shown: Screen,
  context: Context,
): Promise<Result<readonly string[], Failure>> {
  const { machine } = context;
  const read = await inspectRecord(machine, target.folder);
  const record = typeof read === 'string' ? null : read;
  const source = { stackId: target.id, liveSession: null, record };
  const chosen = await choose(parsed, source, target, context);
  if (!chosen.ok) return chosen;
  if (typeof read === 'string') await shown.err.write(`${recordIgnored(recordFile(target.folder), read, shown.viewer)}\n`);
  const { found, failure } = await endLeftovers(machine, source, chosen.value === null ? {} : { services: chosen.value });
  if (failure) return fail(failure);
  // What is left of the others is known by it.
  if (chosen.value === null || (await findLeftovers(machine, source)).length === 0) removeRecord(target.folder);
  return ok([...new Set(found.map((member) => member.service))]);
}

/**
 * The services that were named, and with `--with-dependents` who needs them; null: all. E002. The config is run only for
 * what the session that is gone does not tell.
 */
async function choose(
  { words, flags }: Parsed,
  source: LeftoverSource,
  target: Target,
  context: Context,
): Promise<Result<readonly string[] | null, Failure>> {
  if (words.length === 0) return ok(null);
  const left = await findLeftovers(context.machine, source);
  const remembered = [...(source.record?.services ?? []).map(({ name }) => name), ...left.map(({ service }) => service)];
  const withDependents = flags['with-dependents'] === true;
  if (!withDependents && words.every((word) => remembered.includes(word))) return ok(words);
  const stack = await loadTarget(target, context);
  const services = stack.ok ? stack.value.services : [];
  const known = new Set([...services.map(({ name }) => name), ...remembered]);
  const unknown = unknownName(words, [...known]);
  // Where neither a config nor a record can be read, nobody knows what is a name.
  if (unknown && (stack.ok || source.record)) return fail(unknown);
  return ok(withDependents ? [...words, ...dependentsOf(words, resolveDependencies(services))] : words);
}
