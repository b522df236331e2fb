import { realpathSync } from 'node:fs';
import { unless } from '../../model/errno.ts';

/** The path without symbolic links; null if nothing is there or it may not be read. */
export function realPath(file: string): string | null {
  return unless(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'], () => realpathSync.native(file));
}
