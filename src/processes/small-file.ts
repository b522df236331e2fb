/** Reads the small files that record processes. What they contain proves nothing. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isErrno } from '../model/errno.ts';
import type { RecordFault } from '../model/event.ts';
import type { ProcessId } from '../model/port.ts';

const LIMIT_BYTES = 1024 * 1024;

type Read = { readonly text: string } | { readonly fault: RecordFault } | null;

/** Null: there is no such file. Follows no link, and reads only a file of this user. */
export function readSmallFile(file: string, owner: number | null): Read {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    if (isErrno(error, 'ELOOP')) return { fault: 'no-file' };
    if (isErrno(error, 'EACCES')) return { fault: 'other-user' };
    throw error;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { fault: 'no-file' };
    if (stat.size > LIMIT_BYTES) return { fault: 'no-record' };
    // A record that another user has written could make devup signal any process.
    if (owner !== null && stat.uid !== owner) return { fault: 'other-user' };
    return { text: readFileSync(fd, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

/** Rejects pids below 2: as a target of a signal, 0 is devup's own group, -1 every process, and 1 init. */
export function isProcessId(value: unknown): value is ProcessId {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, start } = value as Record<string, unknown>;
  return Number.isSafeInteger(pid) && (pid as number) > 1 && typeof start === 'number' && Number.isFinite(start);
}
