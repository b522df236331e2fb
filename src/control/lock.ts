/**
 * Ensures one supervisor per stack. The operating system decides, and releases the lock however the holder dies.
 *
 * Linux: an abstract socket. Binding it is atomic, and it leaves nothing stale. The name contains no user, so a stack that another user
 * runs is locked for us, too. The holder answers each connection with its identity in one JSON line. Windows: a named pipe in the same
 * role. Other systems: a locked file (`lock-file.ts`). Windows and macOS have not been tested.
 *
 * Nothing here removes a socket: if several processes replaced a dead holder by "connect, refused, unlink, listen", all of them could
 * succeed.
 */
import net from 'node:net';
import { isErrno } from '../model/errno.ts';
import type { Endpoint } from './endpoint.ts';
import { askLockFile, lockFile } from './lock-file.ts';
import { type Lock, type LockIdentity, parseIdentity } from './lock-identity.ts';

export type LockOutcome =
  | { readonly kind: 'acquired'; readonly lock: Lock }
  | { readonly kind: 'held'; readonly by: LockIdentity }
  /** The lock has a holder that does not answer, such as a stopped process. It is not replaced. */
  | { readonly kind: 'not-answering' };

const ANSWER_TIMEOUT_MS = 2000;
/** A holder may end after our attempt and before our question. The lock is free then, so the attempt is repeated. */
const ATTEMPTS = 50;

/** Throws only for errors that no user can cause (such as no permission to create a socket at all). Call `ensureFolder` first. */
export async function acquireLock(
  endpoint: Endpoint,
  identity: LockIdentity,
  options: { readonly timeoutMs?: number } = {},
): Promise<LockOutcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lock = isLockFile(endpoint) ? lockFile(endpoint.lock, identity) : await listen(endpoint.lock, identity);
    if (lock) return { kind: 'acquired', lock };
    const holder = await askLock(endpoint, options.timeoutMs ?? ANSWER_TIMEOUT_MS);
    if (holder === 'not-answering') return { kind: 'not-answering' };
    if (holder !== 'nobody') return { kind: 'held', by: holder };
  }
  return { kind: 'not-answering' };
}

/**
 * The identity of the lock's holder. A holder that closes the connection without an answer is about to end, and will refuse the next
 * connection; or it has no file descriptor left (EMFILE), and will not answer however often it is asked. The answer may be false, since any
 * process may bind an abstract name: check the owner of `control`.
 */
export async function askLock(
  endpoint: Endpoint,
  timeoutMs: number = ANSWER_TIMEOUT_MS,
): Promise<LockIdentity | 'nobody' | 'not-answering'> {
  if (isLockFile(endpoint)) return askLockFile(endpoint.lock);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await askHolder(endpoint.lock, timeoutMs);
    if (answer !== 'unheard') return answer;
  }
  return 'not-answering';
}

function isLockFile(endpoint: Endpoint): boolean {
  return endpoint.lock.startsWith('/');
}

function listen(name: string, identity: LockIdentity): Promise<Lock | null> {
  const line = `${JSON.stringify(identity)}\n`;
  const server = net.createServer((socket) => {
    // EPIPE, ECONNRESET: the client left before its answer.
    socket.on('error', () => socket.destroy());
    socket.end(line, () => socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (isErrno(error, 'EADDRINUSE') ? resolve(null) : reject(error)));
    // `exclusive`: otherwise, in a cluster worker, the primary process would listen, and outlive the worker.
    server.listen({ path: name, exclusive: true }, () => {
      server.removeAllListeners('error');
      // A connection could not be accepted (EMFILE): this client gets no answer, and the lock stays held.
      server.on('error', () => {});
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** No process listens. */
const NO_LISTENER = ['ECONNREFUSED', 'ENOENT'];
/** The listening process closed the connection without an answer. */
const CLOSED_UNHEARD = ['ECONNRESET', 'EPIPE'];
/** The holder's backlog is full because the holder is suspended, or we lack permission to connect. */
const SILENT = ['EAGAIN', 'EPERM', 'EACCES'];
const ANSWER_LIMIT = 4096;

function askHolder(name: string, timeoutMs: number): Promise<LockIdentity | 'nobody' | 'unheard' | 'not-answering'> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: name });
    let text = '';
    const answer = (what: LockIdentity | 'nobody' | 'unheard' | 'not-answering') => {
      socket.destroy();
      resolve(what);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => answer('not-answering'));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n') || text.length > ANSWER_LIMIT) answer(parseIdentity(text) ?? 'not-answering');
    });
    socket.on('end', () => answer(parseIdentity(text) ?? 'unheard'));
    socket.on('error', (error) => {
      if (isErrno(error, ...NO_LISTENER)) answer('nobody');
      else if (isErrno(error, ...CLOSED_UNHEARD)) answer('unheard');
      else if (isErrno(error, ...SILENT)) answer('not-answering');
      else reject(error);
    });
  });
}
