/** User names by uid, on POSIX systems. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { errnoOf } from '../model/errno.ts';
import { parsePasswd } from './parse/proc-files.ts';
import { withSpare } from './spare-descriptors.ts';

const known = new Map<number, string | null>();

/** The name from `/etc/passwd`; for devup's own user, which only a directory service may know, from the system. Null if unknown. */
export async function userName(uid: number): Promise<string | null> {
  if (!known.has(uid)) known.set(uid, passwd().get(uid) ?? ownName(uid));
  return known.get(uid) ?? null;
}

function passwd(): ReadonlyMap<number, string> {
  try {
    return parsePasswd(withSpare(() => readFileSync('/etc/passwd', 'utf8')));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new Map();
    throw error;
  }
}

function ownName(uid: number): string | null {
  try {
    const own = userInfo();
    return own.uid === uid ? own.username : null;
  } catch (error) {
    // The uid has no account, which is usual in containers.
    if (errnoOf(error) === 'ERR_SYSTEM_ERROR') return null;
    throw error;
  }
}
