/**
 * Begins a session in this process: lock, private folders, supervisor, control server. The caller awaits `supervisor.ended`
 * and then calls `close`.
 */
import { join } from 'node:path';
import { serviceFingerprint } from '../../config/resolve/fingerprint.ts';
import { acquireLock } from '../../control/lock.ts';
import type { Lock } from '../../control/lock-identity.ts';
import { FailureError } from '../../control/remote-session.ts';
import { type ControlServer, serve } from '../../control/server.ts';
import { BoundedExpression } from '../../logs/bounded-expression.ts';
import { EndlessExpressionError, readLog } from '../../logs/read.ts';
import type { Failure } from '../../model/failure.ts';
import type { Reporting } from '../../model/reporting.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import type { AskConflict } from '../../model/session.ts';
import type { Trace } from '../../model/trace.ts';
import { Supervisor } from '../../supervisor/supervisor.ts';
import type { AppContext } from '../context.ts';
import { otherSessions } from '../other-sessions.ts';
import { liveSession, type Target } from '../target.ts';
import { blame } from '../uncaught.ts';
import { prepareFolders } from './folders.ts';
import { sessionInOtherNamespace } from './other-namespace.ts';
import { reloadInChild } from './reload.ts';

export interface OwnSession {
  readonly supervisor: Supervisor;
  /** Closes the socket and releases the lock, after the session has ended. */
  close(): Promise<void>;
}

export interface BeginOptions {
  readonly reporting: Reporting;
  readonly ask: AskConflict | null;
  readonly colour: boolean;
  readonly trace: Trace | null;
  /** Begin even if a session seems to run in another network namespace. */
  readonly force: boolean;
  /** Called as soon as the supervisor exists, before clients can connect. */
  readonly onSupervisor?: (supervisor: Supervisor) => void;
}

/** `held`: another process holds the lock. Failures: E402, E403, E405, E406, E407, E409. */
export async function beginSession(
  target: Target,
  stack: Stack,
  context: AppContext,
  options: BeginOptions,
): Promise<Result<OwnSession | 'held', Failure>> {
  const { endpoint, folder } = target;
  const { machine, version } = context;
  const prepared = prepareFolders(target);
  if (!prepared.ok) return prepared;
  const startedAtMs = machine.clock.wallTime();
  const outcome = await acquireLock(endpoint, { version, pid: machine.pid, uid: machine.uid, control: endpoint.socket, startedAtMs });
  if (outcome.kind === 'held') return ok('held');
  if (outcome.kind === 'not-answering')
    return fail({ code: 'E402', kind: 'session-not-answering', stack: stack.name, pid: null, how: 'silent' });
  const other = options.force ? null : await sessionInOtherNamespace(target, context);
  if (other) {
    await outcome.lock.release();
    return fail(other);
  }
  const over = new AbortController();
  const supervisor = await Supervisor.begin({
    stack,
    machine,
    version,
    folder,
    // A plain copy: each read of `process.env` calls the C library, and every spawn reads all of it.
    baseEnv: { ...context.env },
    colour: options.colour,
    async reload() {
      const read = await reloadInChild(context, stack.configFile, over.signal);
      if (read.stack.ok) context.secrets.learn(read.stack.value);
      return read;
    },
    liveSession: liveSession(context),
    others: otherSessions(context),
    ask: options.ask,
    trace: options.trace,
    fingerprint: serviceFingerprint,
    blame: (error) => blame(error, context, folder),
    exitCode: options.reporting.exitCode,
  });
  options.onSupervisor?.(supervisor);
  void supervisor.ended.then(() => over.abort());
  const served = await serve({
    session: supervisor,
    endpoint,
    version,
    key: supervisor.key,
    readLogs: (request) => readFlushed(supervisor, join(folder, 'logs'), request),
    clock: machine.clock,
    describe: options.reporting.describe,
    secrets: context.secrets,
  });
  if (!served.ok) {
    await supervisor.shutdown('kill', { why: 'failure', failure: served.failure });
    await outcome.lock.release();
    return served;
  }
  return ok({ supervisor, close: () => closeAll(served.value, outcome.lock) });
}

async function closeAll(server: ControlServer, lock: Lock): Promise<void> {
  await server.close();
  await lock.release();
}

/** Everybody waits for the session, so an expression that takes too long is refused (E411). */
async function* readFlushed(supervisor: Supervisor, folder: string, request: Parameters<Parameters<typeof serve>[0]['readLogs']>[0]) {
  const processes = supervisor.actors.get(request.service)?.processes;
  if (processes?.started) await processes.output.flush();
  const { clock } = supervisor.context.machine;
  const grep = request.grep && new BoundedExpression(request.grep, (ms, signal) => clock.sleep(ms, signal));
  try {
    yield* readLog({ ...request, folder, grep });
  } catch (error) {
    if (!(error instanceof EndlessExpressionError)) throw error;
    throw new FailureError({ code: 'E411', kind: 'protocol', message: error.message });
  } finally {
    await grep?.close();
  }
}
