import { readFileSync } from 'node:fs';
import { unless } from '../model/errno.ts';
import { isOwnerlessIn } from './parse/mounts.ts';

/** Whether the owner of this file says nothing, since its file system keeps none. False also if that is unknown. `file` is a real path. */
export function isOwnerless(file: string): boolean {
  const mountinfo = unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'], () => readFileSync('/proc/self/mountinfo', 'utf8'));
  return mountinfo !== null && isOwnerlessIn(mountinfo, file);
}
