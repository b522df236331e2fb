/**
 * Writes several files, all or none. Each is first written to a temporary file beside its target, then all are renamed. If one rename
 * fails, the files before it get their old text back, and new files are removed.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from '../model/errno.ts';
import { type EditRefusal, isWritable } from './edit.ts';
import { leavesRepository } from './inside.ts';
import { type FileText, hashOf } from './read.ts';

export interface FileWrite {
  /** Relative to the root. */
  readonly file: string;
  /** Null: the file must not exist yet. */
  readonly read: FileText | null;
  readonly after: string;
}

export type WriteRefusal = EditRefusal | 'exists' | 'no-space';

/** Null: all are written. */
export function writeAll(root: string, writings: readonly FileWrite[]): { readonly file: string; readonly why: WriteRefusal } | null {
  const staged: Staged[] = [];
  let refused: ReturnType<typeof writeAll> = null;
  try {
    for (const writing of writings) {
      const answer = stage(root, writing);
      if (typeof answer !== 'string') staged.push(answer);
      else {
        refused = { file: writing.file, why: answer };
        return refused;
      }
    }
    refused = commit(staged);
    return refused;
  } finally {
    for (const { temporaryFile, folder, target } of staged) {
      rmSync(temporaryFile, { force: true });
      if (refused !== null) removeFolders(path.dirname(target), folder);
    }
  }
}

/** Removes the folders that were created, unless they have other contents by now. */
function removeFolders(innermost: string, outermost: string | undefined): void {
  if (outermost === undefined) return;
  for (let folder = innermost; folder.startsWith(outermost); folder = path.dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return;
      throw error;
    }
  }
}

interface Staged {
  readonly file: string;
  readonly target: string;
  readonly temporaryFile: string;
  readonly old: Buffer | null;
  /** The outermost folder created for this file. */
  readonly folder: string | undefined;
}

function stage(root: string, { file, read, after }: FileWrite): Staged | WriteRefusal {
  const named = path.join(root, file);
  const text = `${read?.bom ? '\uFEFF' : ''}${after}`;
  if (leavesRepository(root, file)) return 'outside';
  return attempt(() => {
    const folder = read ? undefined : mkdirSync(path.dirname(named), { recursive: true });
    if (!read && statSync(named, { throwIfNoEntry: false })) return 'exists';
    const target = read ? realpathSync(named) : named;
    const old = read ? readFileSync(target) : null;
    if (read && old) {
      if (hashOf(old) !== read.hash) return 'changed';
      if (!Buffer.from((read.bom ? '\uFEFF' : '') + read.text).equals(old)) return 'not-utf8';
    }
    const mode = old ? statSync(target).mode & 0o7777 : null;
    // Root can write to any file, but a file without write permission is meant to stay unchanged.
    if (mode !== null && ((mode & 0o222) === 0 || !isWritable(target))) return 'read-only';
    const temporaryFile = `${target}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      writeFileSync(temporaryFile, text, { flag: 'wx', mode: mode === null ? 0o666 : 0o600 });
      if (mode !== null) chmodSync(temporaryFile, mode);
    } catch (error) {
      rmSync(temporaryFile, { force: true });
      throw error;
    }
    return { file, target, temporaryFile, old, folder };
  });
}

function commit(staged: readonly Staged[]): { readonly file: string; readonly why: WriteRefusal } | null {
  const done: Staged[] = [];
  for (const one of staged) {
    const why = attempt(() => {
      const now = statSync(one.target, { throwIfNoEntry: false }) ? readFileSync(one.target) : null;
      if (one.old === null ? now !== null : now === null || !now.equals(one.old)) return 'changed';
      renameSync(one.temporaryFile, one.target);
      return null;
    });
    if (why === null) {
      done.push(one);
      continue;
    }
    for (const { target, old } of done) {
      if (old === null) rmSync(target, { force: true });
      else writeFileSync(target, old);
    }
    return { file: one.file, why };
  }
  return null;
}

function attempt<T>(work: () => T): T | WriteRefusal {
  try {
    return work();
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'read-only';
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'changed';
    if (code === 'ENOSPC' || code === 'EDQUOT') return 'no-space';
    throw error;
  }
}
