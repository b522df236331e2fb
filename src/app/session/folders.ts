/** The folders of a stack: `.devup/` beside its config, and the private folder in it. */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '../../control/endpoint.ts';
import { isErrno } from '../../model/errno.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Target } from '../target.ts';

/** Creates `.devup/` with a `.gitignore`, and the stack's private folder in it. Failures: E405, E406, E407. */
export function prepareFolders(target: Target): Result<void, Failure> {
  const run = ensureFolder(target.endpoint);
  if (!run.ok) return run;
  const outer = join(target.root, '.devup');
  try {
    // Other users may enter: a service that runs as another user may keep its data there.
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
