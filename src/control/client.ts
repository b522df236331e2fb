/**
 * A `Session` that runs in another process. The lock is asked first: it knows the session's control socket, whatever our own
 * environment says, and its user. Only then is the control socket opened.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from '../model/errno.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Snapshot } from '../model/session.ts';
import { ask } from './ask.ts';
import type { Endpoint } from './endpoint.ts';
import { parseAnswerBody, type Unanswered } from './http.ts';
import { askLock } from './lock.ts';
import type { LockIdentity } from './lock-identity.ts';
import { BRIEF_PATH, SESSION_PATH, VERSION_HEADER } from './protocol.ts';
import { RemoteSession } from './remote-session.ts';

export interface ConnectOptions {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** How long the lock, and a session that is just starting, may take to answer. */
  readonly timeoutMs?: number;
  /** Names the user in the message about another user's session. */
  readonly userName?: (uid: number) => Promise<string | null>;
  /** How much the first snapshot includes about the session's own processes, see `SnapshotOptions`. Default: brief. */
  readonly first?: 'brief' | 'whole';
}

const TIMEOUT_MS = 2000;
/** A session whose lock answers is alive, so its first snapshot gets this long on a busy machine. */
const SNAPSHOT_TIMEOUT_MS = 10_000;
const RETRY_MS = 25;

/**
 * Connects to the session of a stack. Fails with E401 (no session), E402 (locked, but no answer), E403 (another user's), E404 (another
 * version) or E410 (it has just ended). The caller must `close` it.
 */
export async function connect(endpoint: Endpoint, version: string, options: ConnectOptions): Promise<Result<RemoteSession, Failure>> {
  const found = await findSession(endpoint, version, options);
  if (!found.ok) return found;
  const { theirs } = found.value;
  if (theirs === version) return ok(found.value.session);
  found.value.session.close();
  return fail({ code: 'E404', kind: 'version-mismatch', ours: version, theirs });
}

/**
 * Connects to a session of any version. Only `snapshot` and the orders `stop` and `shutdown` are sure to work; other requests fail with
 * E404.
 */
export async function connectAnyVersion(
  endpoint: Endpoint,
  version: string,
  options: ConnectOptions,
): Promise<Result<RemoteSession, Failure>> {
  const found = await findSession(endpoint, version, options);
  return found.ok ? ok(found.value.session) : found;
}

interface Found {
  readonly session: RemoteSession;
  readonly theirs: string;
}

async function findSession(endpoint: Endpoint, version: string, options: ConnectOptions): Promise<Result<Found, Failure>> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const deadline = options.clock.now() + timeoutMs;
  // When a session begins or ends, there is a moment with a lock but no socket, or the reverse.
  for (;;) {
    const holder = await askLock(endpoint, timeoutMs);
    if (holder === 'nobody') return fail({ code: 'E401', kind: 'no-session', stack: endpoint.id });
    if (holder === 'not-answering' || !isSocketOf(endpoint, holder))
      return fail({ code: 'E402', kind: 'session-not-answering', stack: endpoint.id, pid: null, how: 'silent' });
    const uid = ownerOf(endpoint, holder);
    if (uid !== endpoint.uid && uid !== null) {
      return fail({
        code: 'E403',
        kind: 'session-of-other-user',
        stack: endpoint.id,
        pid: holder.pid,
        uid,
        user: (await options.userName?.(uid)) ?? null,
      });
    }
    const first = await firstSnapshot(endpoint, holder, version, options);
    if (typeof first === 'object') return first;
    const silent: Failure = {
      code: 'E402',
      kind: 'session-not-answering',
      stack: endpoint.id,
      pid: holder.pid,
      how: uid === null && endpoint.uid !== null ? 'no-socket' : 'silent',
    };
    if (first === 'aborted' || options.clock.now() >= deadline) return fail(silent);
    await options.clock.sleep(RETRY_MS);
  }
}

/** Otherwise an order for this stack would reach the session of another one. */
function isSocketOf(endpoint: Endpoint, { control }: LockIdentity): boolean {
  return path.basename(control) === path.basename(endpoint.socket);
}

/**
 * The user who owns the session. The lock's holder names a user, but any process may bind the lock's name and give its own socket, so the
 * owner of the socket must be the same user. Null: there is no socket (yet), or the system has no users.
 */
function ownerOf(endpoint: Endpoint, holder: LockIdentity): number | null {
  if (endpoint.uid === null) return null;
  if (holder.uid !== endpoint.uid) return holder.uid;
  try {
    // Other users cannot enter our folder, so they cannot replace the socket after this check.
    const folder = lstatSync(path.dirname(holder.control));
    return folder.uid === endpoint.uid ? lstatSync(holder.control).uid : folder.uid;
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'ENOTDIR') throw error;
    return null;
  }
}

async function firstSnapshot(
  endpoint: Endpoint,
  holder: LockIdentity,
  version: string,
  { clock, first: wanted }: ConnectOptions,
): Promise<Result<Found, Failure> | Unanswered> {
  const deadline = new AbortController();
  const answered = new AbortController();
  const watch = clock.sleep(SNAPSHOT_TIMEOUT_MS, answered.signal).then(
    () => deadline.abort(),
    (error: unknown) => {
      if (!answered.signal.aborted) throw error;
    },
  );
  try {
    const answer = await ask({
      socket: holder.control,
      version,
      path: wanted === 'whole' ? SESSION_PATH : BRIEF_PATH,
      signal: deadline.signal,
    });
    if (answer.kind === 'unanswered') return answer.why;
    const snapshot = parseAnswerBody(answer.status, answer.text);
    if (!snapshot.ok) return snapshot;
    const theirs = answer.headers.get(VERSION_HEADER) ?? holder.version;
    const { schemaVersion: _, ...fields } = snapshot.value;
    const first = fields as unknown as Snapshot;
    const key = first.session?.key ?? null;
    return ok({ theirs, session: new RemoteSession({ stack: endpoint.id, socket: holder.control, version, key, holder, first }) });
  } finally {
    answered.abort();
    await watch;
  }
}
