/** `devup stop`: stops services through the session, or ends the leftovers of an earlier session (`app/leftovers.ts`). */

import { stopLeftovers } from '../../app/leftovers.ts';
import { sessionInOtherNamespace } from '../../app/session/other-namespace.ts';
import { untilLockLeaves, untilLockReleased } from '../../app/session/retry.ts';
import { connectAnyTarget, findTarget, type Target } from '../../app/target.ts';
import { askLock } from '../../control/lock.ts';
import type { DebuggedService } from '../../model/debugger.ts';
import { EMPTY_REPLY, type Reply } from '../../model/session.ts';
import { readDebugged } from '../../processes/debug-record.ts';
import { recordIgnored } from '../../render/words/notices.ts';
import { nameDebugged } from '../../render/words/services.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { finish, printJson } from '../screen/finish.ts';
import { type Screen, screen } from '../screen/screen.ts';
import { showStop } from '../screen/stop-progress.ts';

export async function stop(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return finish(shown, target.failure);
  const session = await connectAnyTarget(target.value, context);
  const job: Job = { target: target.value, parsed, shown, context };
  if (!session.ok && session.failure.code === 'E412') return awaitEnd(job);
  if (!session.ok && session.failure.code !== 'E401') return finish(shown, session.failure);
  if (!session.ok) {
    const elsewhere = parsed.flags['force'] === true ? null : await sessionInOtherNamespace(target.value, context);
    return elsewhere ? finish(shown, elsewhere) : stopWithoutSession(job, EMPTY_REPLY);
  }
  const services = parsed.words.length > 0 ? parsed.words : null;
  const progress = shown.json ? null : showStop(session.value, session.value.first, shown, context);
  const reply = await session.value.send({ type: 'stop', services, withDependents: parsed.flags['with-dependents'] === true });
  await progress?.over(reply.ok && reply.value.ended);
  session.value.close();
  if (!reply.ok) return reply.failure.code === 'E412' ? awaitEnd(job) : finish(shown, reply.failure);
  // The session ends with its last service, and the next start needs its lock.
  if (reply.value.ended) await untilLockReleased(target.value, context);
  return printReply(reply.value, shown);
}

interface Job {
  readonly target: Target;
  readonly parsed: Parsed;
  readonly shown: Screen;
  readonly context: Context;
}

/** The session is already ending, for example by Ctrl-C in its terminal. Waits for its end. */
async function awaitEnd(job: Job): Promise<number> {
  const { target, shown, context } = job;
  if (!shown.json) await shown.err.write('the session is ending; waiting for it\n');
  const holder = await askLock(target.endpoint);
  // No time limit here: the grace of the session's services limits the wait.
  if (typeof holder === 'object') await untilLockLeaves(target, holder.pid, context, Number.POSITIVE_INFINITY);
  const ended = { ...EMPTY_REPLY, ended: true };
  return (await askLock(target.endpoint)) === 'nobody' ? stopWithoutSession(job, ended) : printReply(ended, shown);
}

/** Ends leftovers when no session runs. `reply` is printed if there are none. */
async function stopWithoutSession({ target, parsed, shown, context }: Job, reply: Reply): Promise<number> {
  const ended = await stopLeftovers(
    target,
    {
      services: parsed.words,
      withDependents: parsed.flags['with-dependents'] === true,
      onRecordIgnored: (file, why) => void shown.err.write(`${recordIgnored(file, why, shown.viewer)}\n`),
    },
    context,
  );
  if (!ended.ok) return finish(shown, ended.failure);
  const stopped = ended.value;
  const isMeant = ({ service }: DebuggedService) => parsed.words.length === 0 || parsed.words.includes(service);
  const debugged = [...reply.debugged, ...(await readDebugged(context.machine, target.folder)).filter(isMeant)];
  if (shown.json || stopped.length === 0) return printReply({ ...reply, stopped, debugged }, shown);
  await shown.err.write(`ended leftovers of an earlier session: ${stopped.join(', ')}\n`);
  return debugged.length > 0 ? printReply({ ...reply, debugged }, shown) : finish(shown, null);
}

async function printReply(reply: Reply, shown: Screen): Promise<number> {
  if (shown.json)
    return printJson(shown, {
      stopped: reply.stopped,
      released: reply.released,
      dependents: reply.dependents,
      debugged: reply.debugged.map(({ service, pid, sinceMs }) => ({ service, pid, since: new Date(sinceMs).toISOString() })),
      ended: reply.ended,
    });
  const { stopped, released } = reply;
  const isSilent = released.length > 0 || reply.debugged.length > 0 || reply.ended;
  const lines = [stopped.length > 0 ? `stopped ${stopped.join(', ')}\n` : isSilent ? '' : 'nothing was running\n'];
  for (const one of reply.debugged) lines.push(`left alone, since somebody debugs it: ${nameDebugged(one, shown.viewer)}\n`);
  if (released.length > 0) lines.push(`left ${released.join(', ')} running, which devup did not start\n`);
  if (reply.dependents.length > 0)
    lines.push(`still running without it: ${reply.dependents.join(', ')} (--with-dependents stops them too)\n`);
  if (reply.ended) lines.push('the session has ended\n');
  await shown.err.write(lines.join(''));
  return finish(shown, null);
}
