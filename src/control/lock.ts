/**
 * One supervisor per stack, decided by the operating system and let go by it when the holder dies in any way.
 *
 * Linux: an abstract socket; binding it is atomic and nothing stale is left. The name holds no user: a stack that another
 * user runs is held for us too. Whoever connects is told in one JSON line who holds it. Windows: a named pipe in the
 * same role. Elsewhere a locked file (`lock-file.ts`). Windows and macOS are written with care but have not been run.
 *
 * Taking it over by "connect, refused, unlink, listen" has several winners, so nothing here ever removes a socket.
 */
import net from 'node:net';
import { isErrno } from '../model/errno.ts';
import type { Endpoint } from './endpoint.ts';
import { askLockFile, lockFile } from './lock-file.ts';
import { type Lock, type LockIdentity, parseIdentity } from './lock-identity.ts';

export type LockOutcome =
  | { readonly kind: 'acquired'; readonly lock: Lock }
  | { readonly kind: 'held'; readonly by: LockIdentity }
  /** Somebody has it and does not say who: a stopped process. It is not taken over. */
  | { readonly kind: 'not-answering' };

const ANSWER_TIMEOUT_MS = 2000;
/** A holder that ends between our attempt and our question leaves it free again. */
const ATTEMPTS = 50;

/** Throws on what no user can cause (no permission to make a socket at all). Call `ensureFolder` before. */
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
 * Who holds the lock. A holder that closes the connection unheard is about to end, and refuses the next one; or it has no
 * descriptor for it (EMFILE), goes on, and is there however often it is asked. What is said is only a claim, as any process may
 * bind an abstract name: check what `control` belongs to.
 */
export async function askLock(
  endpoint: Endpoint,
  timeoutMs: number = ANSWER_TIMEOUT_MS,
): Promise<LockIdentity | 'nobody' | 'not-answering'> {
  if (isLockFile(endpoint)) return askLockFile(endpoint.lock);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await ask(endpoint.lock, timeoutMs);
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
    // EPIPE, ECONNRESET: they asked and left; the answer is lost with them.
    socket.on('error', () => socket.destroy());
    socket.end(line, () => socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (isErrno(error, 'EADDRINUSE') ? resolve(null) : reject(error)));
    // exclusive: in a cluster worker the primary would listen instead, and live on.
    server.listen({ path: name, exclusive: true }, () => {
      server.removeAllListeners('error');
      // A connection that could not be accepted (EMFILE): whoever asks is not heard, the holder lives on.
      server.on('error', () => {});
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** Nobody listens. */
const NOBODY = ['ECONNREFUSED', 'ENOENT'];
/** Whoever listens closed the connection. */
const UNHEARD = ['ECONNRESET', 'EPIPE'];
/** Its backlog is full because it is stopped, or we may not speak to it. */
const SILENT = ['EAGAIN', 'EPERM', 'EACCES'];
const ANSWER_LIMIT = 4096;

function ask(name: string, timeoutMs: number): Promise<LockIdentity | 'nobody' | 'unheard' | 'not-answering'> {
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
      if (isErrno(error, ...NOBODY)) answer('nobody');
      else if (isErrno(error, ...UNHEARD)) answer('unheard');
      else if (isErrno(error, ...SILENT)) answer('not-answering');
      else reject(error);
    });
  });
}
