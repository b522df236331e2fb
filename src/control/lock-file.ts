/**
 * The lock on systems without abstract sockets (macOS): a file opened with O_EXLOCK. The kernel releases it when its holder dies, and
 * children do not inherit it (libuv opens with O_CLOEXEC). The holder writes its identity into the file; whether it still answers shows
 * at its control socket. Written after open(2) of macOS, but not tested there.
 */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { errnoOf } from '../model/errno.ts';
import { type Lock, type LockIdentity, parseIdentity } from './lock-identity.ts';

/** <sys/fcntl.h> of macOS; Node has no name for them. */
const O_SHLOCK = 0x10;
const O_EXLOCK = 0x20;

/** Null if another process has the lock. */
export function lockFile(file: string, identity: LockIdentity): Lock | null {
  const fd = open(file, constants.O_CREAT | O_EXLOCK);
  if (fd === 'held' || fd === 'missing') return null;
  ftruncateSync(fd);
  writeSync(fd, `${JSON.stringify(identity)}\n`, 0);
  return {
    release() {
      ftruncateSync(fd);
      closeSync(fd);
      return Promise.resolve();
    },
  };
}

export function askLockFile(file: string): LockIdentity | 'nobody' | 'not-answering' {
  const fd = open(file, O_SHLOCK);
  if (fd === 'missing') return 'nobody';
  if (fd === 'held') {
    const text = readFileSync(file, 'utf8');
    // An empty file: the holder has only just taken the lock, or is releasing it.
    return text === '' ? 'nobody' : (parseIdentity(text) ?? 'not-answering');
  }
  closeSync(fd);
  return 'nobody';
}

function open(file: string, flags: number): number | 'held' | 'missing' {
  try {
    return openSync(file, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW | flags, 0o600);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return 'held';
    if (code === 'ENOENT') return 'missing';
    throw error;
  }
}
