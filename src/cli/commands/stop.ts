/** `devup stop`: through the session; without one, what an earlier session left behind is ended. */
import { askLock } from '../../control/lock.ts';
import type { Failure } from '../../model/failure.ts';
import { dependantsOf, resolveDependencies } from '../../model/plan.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { EMPTY_REPLY, type Reply } from '../../model/session.ts';
import { describe } from '../../ports/identify.ts';
import { end } from '../../processes/end.ts';
import { findLeftovers, LeftoverQuarry, type LeftoverSource } from '../../processes/leftovers.ts';
import { inspectRecord, recordFile, removeRecord } from '../../processes/record.ts';
import { recordIgnored } from '../../render/words/notices.ts';
import { unknownName } from '../../supervisor/names.ts';
import { untilLockMoves } from '../again.ts';
import type { Context, Parsed } from '../context.ts';
import { done, printJson } from '../done.ts';
import { sessionElsewhere } from '../elsewhere.ts';
import { type Screen, screen } from '../screen.ts';
import { connectAnyTarget, findTarget, loadTarget, type Target, targetName } from '../target.ts';

const LEFTOVER_GRACE_MS = 10_000;
const KILL_MS = 5000;

export async function stop(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(parsed, context);
  if (!target.ok) return done(shown, target.failure);
  const session = await connectAnyTarget(target.value, context);
  if (!session.ok && session.failure.code === 'E412') return awaitItsEnd(target.value, parsed, shown, context);
  if (!session.ok && session.failure.code !== 'E401') return done(shown, session.failure);
  if (!session.ok) {
    const elsewhere = parsed.flags['force'] === true ? null : await sessionElsewhere(target.value, context);
    return elsewhere ? done(shown, elsewhere) : stopLeftovers(target.value, parsed, EMPTY_REPLY, shown, context);
  }
  const services = parsed.words.length > 0 ? parsed.words : null;
  const reply = await session.value.send({ type: 'stop', services, withDependents: parsed.flags['with-dependents'] === true });
  session.value.close();
  if (!reply.ok) return reply.failure.code === 'E412' ? awaitItsEnd(target.value, parsed, shown, context) : done(shown, reply.failure);
  // The session ends with its last service: its lock must be gone before the next start.
  if (reply.value.ended) await lockReleased(target.value, context);
  return tell(reply.value, shown);
}

/** Somebody else ends it (Ctrl-C where it runs): that is what was asked for, and over when it is gone. */
async function awaitItsEnd(target: Target, parsed: Parsed, shown: Screen, context: Context): Promise<number> {
  if (!shown.json) await shown.err.write('it is just ending; waiting for that\n');
  const holder = await askLock(target.endpoint);
  // It is bounded by the time that its services are given.
  if (typeof holder === 'object') await untilLockMoves(target, holder.pid, context, Number.POSITIVE_INFINITY);
  const ended = { ...EMPTY_REPLY, ended: true };
  return (await askLock(target.endpoint)) === 'nobody' ? stopLeftovers(target, parsed, ended, shown, context) : tell(ended, shown);
}

async function tell(reply: Reply, shown: Screen): Promise<number> {
  if (shown.json)
    return printJson(shown, { stopped: reply.stopped, released: reply.released, dependants: reply.dependants, ended: reply.ended });
  const { stopped, released } = reply;
  const lines = [
    stopped.length > 0 ? `stopped ${stopped.join(', ')}\n` : released.length > 0 || reply.ended ? '' : 'nothing was running\n',
  ];
  if (released.length > 0)
    lines.push(`let go of ${released.join(', ')}, which devup did not start and which ${released.length === 1 ? 'runs' : 'run'} on\n`);
  if (reply.dependants.length > 0)
    lines.push(`still running without it: ${reply.dependants.join(', ')} (--with-dependents stops them too)\n`);
  if (reply.ended) lines.push('the session has ended\n');
  await shown.err.write(lines.join(''));
  return done(shown, null);
}

async function lockReleased(target: Target, context: Context): Promise<void> {
  const deadline = context.machine.clock.now() + 5000;
  while (context.machine.clock.now() < deadline && (await askLock(target.endpoint, 500)) !== 'nobody') await context.machine.clock.sleep(5);
}

/** `reply`: what is told when there are none. */
async function stopLeftovers(target: Target, parsed: Parsed, reply: Reply, shown: Screen, context: Context): Promise<number> {
  const { machine } = context;
  const read = await inspectRecord(machine, target.folder);
  const record = typeof read === 'string' ? null : read;
  const source = { stackId: target.id, liveSession: null, record };
  const chosen = await choose(parsed, source, target, context);
  if (!chosen.ok) return done(shown, chosen.failure);
  if (typeof read === 'string') await shown.err.write(`${recordIgnored(recordFile(target.folder), read, shown.viewer)}\n`);
  const quarry = new LeftoverQuarry(machine, source, chosen.value);
  await quarry.look();
  const found = quarry.members;
  if (found.length > 0) {
    const report = await end(machine, quarry, { signal: 'SIGTERM', graceMs: LEFTOVER_GRACE_MS, killMs: KILL_MS });
    if (report.survivors.length > 0) {
      const survivors = (await Promise.all(report.survivors.map((id) => describe(machine, id.pid, [])))).filter(
        (holder) => holder !== null,
      );
      return done(shown, { code: 'E110', kind: 'survivors', service: found[0]?.service ?? targetName(target), survivors, ports: [] });
    }
  }
  // What is left of the others is known by it.
  if (chosen.value === null || (await findLeftovers(machine, source)).length === 0) await removeRecord(target.folder);
  const stopped = [...new Set(found.map((member) => member.service))];
  if (shown.json || stopped.length === 0) return tell({ ...reply, stopped }, shown);
  await shown.err.write(`ended what an earlier session left behind: ${stopped.join(', ')}\n`);
  return done(shown, null);
}

/** The services that were named, and with `--with-dependents` who needs them; null: all. E002. */
async function choose(
  { words, flags }: Parsed,
  source: LeftoverSource,
  target: Target,
  context: Context,
): Promise<Result<readonly string[] | null, Failure>> {
  if (words.length === 0) return ok(null);
  const stack = await loadTarget(target, context);
  const services = stack.ok ? stack.value.services : [];
  const left = await findLeftovers(context.machine, source);
  const known = new Set([
    ...services.map(({ name }) => name),
    ...(source.record?.services ?? []).map(({ name }) => name),
    ...left.map(({ service }) => service),
  ]);
  const unknown = unknownName(
    words,
    [...known].map((name) => ({ name })),
  );
  // Where neither a config nor a record can be read, nobody knows what is a name.
  if (unknown && (stack.ok || source.record)) return fail(unknown);
  return ok(flags['with-dependents'] === true ? [...words, ...dependantsOf(words, resolveDependencies(services))] : words);
}
