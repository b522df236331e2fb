/**
 * `--fix`: replaces the wrong port by the right one, and changes nothing else. A file that has changed since it was read, is not
 * writable, or is not valid UTF-8 is left alone and reported.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../model/drift.ts';
import { errnoOf } from '../model/errno.ts';
import { leavesRepository } from './inside.ts';
import { type FileText, hashOf } from './read.ts';

export interface Change {
  /** Relative to the config's folder. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly findings: readonly Finding[];
}

export type EditRefusal = 'changed' | 'read-only' | 'not-utf8' | 'outside';

/** The changes that `--fix` would write. A place that two findings would change differently is left alone. */
export function changesOf(findings: readonly Finding[], texts: ReadonlyMap<string, FileText>): readonly Change[] {
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.place === null || finding.replacement === null) continue;
    byFile.set(finding.place.file, [...(byFile.get(finding.place.file) ?? []), finding]);
  }
  return [...byFile].flatMap(([file, wanted]) => {
    const before = texts.get(file)?.text;
    const applied = wanted.filter((one) => wanted.every((other) => other === one || areCompatible(one, other)));
    return before === undefined || applied.length === 0 ? [] : [{ file, before, after: replaceAll(before, applied), findings: applied }];
  });
}

function areCompatible(a: Finding, b: Finding): boolean {
  const [one, other] = [a.place, b.place];
  if (one === null || other === null || one.to <= other.from || other.to <= one.from) return true;
  return one.from === other.from && one.to === other.to && a.replacement === b.replacement;
}

/** Replaces from the end, so that earlier offsets stay valid. */
function replaceAll(text: string, findings: readonly Finding[]): string {
  const places = new Map(
    findings.map(({ place, replacement }) => [place?.from ?? 0, { to: place?.to ?? 0, replacement: replacement ?? '' }]),
  );
  return [...places]
    .toSorted(([a], [b]) => b - a)
    .reduce((now, [from, { to, replacement }]) => now.slice(0, from) + replacement + now.slice(to), text);
}

/** Writes the file whole or not at all, keeping its mode; a link is followed to its file in the repository. Null: written. */
export function writeChange(root: string, change: Change, read: FileText): EditRefusal | null {
  if (leavesRepository(root, change.file)) return 'outside';
  const now = readCurrent(path.join(root, change.file));
  if (now === null || hashOf(now.bytes) !== read.hash) return 'changed';
  const { file, bytes } = now;
  const mark = read.bom ? '\uFEFF' : '';
  if (!Buffer.from(mark + change.before).equals(bytes)) return 'not-utf8';
  const { mode } = statSync(file);
  // Root can write to any file, but a file without write permission is meant to stay unchanged.
  if ((mode & 0o222) === 0 || !isWritable(file)) return 'read-only';
  const temporaryFile = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporaryFile, mark + change.after, { flag: 'wx', mode: 0o600 });
    chmodSync(temporaryFile, mode & 0o7777);
    renameSync(temporaryFile, file);
  } catch (error) {
    rmSync(temporaryFile, { force: true });
    const code = errnoOf(error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'read-only';
    throw error;
  }
  return null;
}

/** Null: the file is gone, or is no longer a regular file. */
function readCurrent(link: string): { readonly file: string; readonly bytes: Buffer } | null {
  try {
    const file = realpathSync(link);
    if (!statSync(file).isFile()) return null;
    return { file, bytes: readFileSync(file) };
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP' || code === 'EACCES') return null;
    throw error;
  }
}

export function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw error;
  }
}
