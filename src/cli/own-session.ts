/**
 * A session in this process: the lock, the private folders, the supervisor, the control server, the signals. Whoever
 * gets one must await `ended` and then `close` it.
 */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionInOtherNamespace } from '../app/session/other-namespace.ts';
import { reloadInChild } from '../app/session/reload.ts';
import { connectStack, liveSession, type Target } from '../app/target.ts';
import { blame, firstUncaught, onUncaught, refuseExit } from '../app/uncaught.ts';
import { serviceFingerprint } from '../config/resolve/fingerprint.ts';
import { ensureFolder } from '../control/endpoint.ts';
import { acquireLock } from '../control/lock.ts';
import type { Lock } from '../control/lock-identity.ts';
import { type ControlServer, serve } from '../control/server.ts';
import { readLog } from '../logs/read.ts';
import { isErrno } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Stack } from '../model/service.ts';
import type { AskConflict } from '../model/session.ts';
import type { Trace } from '../model/trace.ts';
import { words } from '../render/words.ts';
import type { Blame } from '../supervisor/session/core.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { Context } from './context.ts';
import { exitCodeOf } from './exit-code.ts';

export interface OwnSession {
  readonly supervisor: Supervisor;
  /** The session is over; lets go of the socket and the lock. */
  close(): Promise<void>;
}

interface SessionOptions {
  readonly ask: AskConflict | null;
  readonly colour: boolean;
  readonly trace: Trace | null;
  /** Also when a session in another network namespace seems to live. */
  readonly force: boolean;
}

/** `held`: somebody else was quicker. Failures: E306, E402, E403, E405, E406, E407, E409, E470. */
export async function beginSession(
  target: Target,
  stack: Stack,
  context: Context,
  options: SessionOptions,
): Promise<Result<OwnSession | 'held', Failure>> {
  const early = firstUncaught();
  const stray = early.error.then((error) => fail(blame(error, context, null)));
  return Promise.race([begin(target, stack, context, options), stray]).finally(early.off);
}

async function begin(
  target: Target,
  stack: Stack,
  context: Context,
  options: SessionOptions,
): Promise<Result<OwnSession | 'held', Failure>> {
  const { endpoint, folder } = target;
  const { machine, version } = context;
  const prepared = prepareFolders(target);
  if (!prepared.ok) return prepared;
  const startedAtMs = machine.clock.wallTime();
  const outcome = await acquireLock(endpoint, { version, pid: machine.pid, uid: machine.uid, control: endpoint.socket, startedAtMs });
  if (outcome.kind === 'held') return ok('held');
  if (outcome.kind === 'not-answering') return fail({ code: 'E402', kind: 'session-not-answering', stack: stack.name, pid: null });
  const elsewhere = options.force ? null : await sessionInOtherNamespace(target, context);
  if (elsewhere) {
    await outcome.lock.release();
    return fail(elsewhere);
  }
  const over = new AbortController();
  const supervisor = await Supervisor.begin({
    stack,
    machine,
    version,
    folder,
    // A plain copy: each look into `process.env` asks the C library, and every spawn looks at all of it.
    baseEnv: { ...context.env },
    colour: options.colour,
    async reload() {
      const read = await reloadInChild(context, stack.configFile, over.signal);
      if (read.ok) context.secrets.learn(read.value);
      return read;
    },
    liveSession: liveSession(context),
    takeOverFrom: (stackId, service) => stopThrough(context, stackId, service),
    ask: options.ask,
    trace: options.trace,
    fingerprint: serviceFingerprint,
    blame: (error) => ending(blame(error, context, folder)),
  });
  onUncaught(supervisor.context.onBug);
  const allowExit = refuseExit();
  void supervisor.ended.then(() => {
    over.abort();
    allowExit();
  });
  const served = await serve({
    session: supervisor,
    endpoint,
    version,
    key: supervisor.key,
    readLogs: (request) => readFlushed(supervisor, join(folder, 'logs'), request),
    clock: machine.clock,
    describe: (failure) => words(failure),
    secrets: context.secrets,
  });
  if (!served.ok) {
    await supervisor.shutdown('kill', { exitCode: 1, failure: served.failure });
    await outcome.lock.release();
    return served;
  }
  return ok({ supervisor, close: () => closeAll(served.value, outcome.lock) });
}

function ending(failure: Failure): Blame {
  return { exitCode: exitCodeOf(failure), failure };
}

async function closeAll(server: ControlServer, lock: Lock): Promise<void> {
  await server.close();
  await lock.release();
}

async function* readFlushed(supervisor: Supervisor, folder: string, request: Parameters<Parameters<typeof serve>[0]['readLogs']>[0]) {
  const processes = supervisor.actors.get(request.service)?.processes;
  if (processes?.started) await processes.output.flush();
  yield* readLog({ ...request, folder });
}

/** `.devup/` with its own `.gitignore`, and the stack's private folder in it. Failures: E405, E406, E407. */
function prepareFolders(target: Target): Result<void, Failure> {
  const run = ensureFolder(target.endpoint);
  if (!run.ok) return run;
  const outer = join(target.root, '.devup');
  try {
    // Others may enter, since data that a service keeps there under another user lies beside the private folders.
    mkdirSync(outer, { recursive: true, mode: 0o755 });
    if (!existsSync(join(outer, '.gitignore'))) writeFileSync(join(outer, '.gitignore'), '*\n', { flag: 'wx' });
    mkdirSync(target.folder, { recursive: true, mode: 0o700 });
    mkdirSync(join(target.folder, 'logs'), { recursive: true, mode: 0o700 });
    accessSync(target.folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isErrno(error, 'EEXIST') && existsSync(join(outer, '.gitignore'))) return prepareFolders(target);
    if (isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST')) {
      return fail({ code: 'E406', kind: 'folder-not-writable', folder: target.folder, errno: error.code ?? 'unknown' });
    }
    throw error;
  }
  const stat = lstatSync(target.folder);
  const unsafe = !stat.isDirectory()
    ? 'not-a-folder'
    : target.endpoint.uid !== null && stat.uid !== target.endpoint.uid
      ? 'foreign-owner'
      : (stat.mode & 0o077) !== 0
        ? 'open-to-others'
        : null;
  return unsafe
    ? fail({ code: 'E407', kind: 'folder-unsafe', folder: target.folder, reason: stat.isSymbolicLink() ? 'symlink' : unsafe })
    : ok(undefined);
}

/** Stops a service of another stack, and what depends on it there, through the session that runs it. */
async function stopThrough(context: Context, stackId: string, service: string): Promise<boolean> {
  const session = await connectStack(stackId, context);
  if (!session) return false;
  const reply = await session.send({ type: 'stop', services: [service], withDependents: true });
  session.close();
  return reply.ok;
}
