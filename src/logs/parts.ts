/** The parts of a log on disk, opened for reading while the service may be writing and rotating them. */
import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { errnoOf, isErrno } from '../model/errno.ts';
import { type IndexEntry, type LogIndex, parseIndex } from './index-file.ts';
import { indexPath, logPath, MAX_ROTATED_PARTS } from './names.ts';

export interface ReadPart {
  readonly handle: FileHandle;
  /** Size of the part when it was opened; later bytes belong to the live stream. */
  readonly size: number;
  readonly modifiedMs: number;
  /** Null if the part's index is missing; its text is then joined to no other part. */
  readonly session: string | null;
  readonly entries: readonly IndexEntry[];
  /** Whether the part belongs to the session that wrote last. */
  readonly inNewestSession: boolean;
  /** Offset of the part's first byte if no index entry gives it. Offsets of earlier sessions count backwards from 0. */
  readonly startOffset: number;
}

type Opened = Pick<ReadPart, 'handle' | 'size' | 'modifiedMs'> & { readonly inode: string; readonly index: LogIndex | null };

/** The parts, oldest first. The caller closes the handles. A symbolic link in place of a part throws ELOOP. */
export async function openParts(folder: string, service: string): Promise<ReadPart[]> {
  const opened: Opened[] = [];
  try {
    // Parts are opened newest first: a rotation in between moves a file to a later name, where it is recognised and skipped.
    for (let part = 0; part <= MAX_ROTATED_PARTS + 1; part++) {
      const found = await openPart(folder, service, part);
      if (!found) continue;
      if (opened.some((other) => other.inode === found.inode)) await found.handle.close();
      else opened.push(found);
    }
  } catch (error) {
    for (const { handle } of opened) await handle.close();
    throw error;
  }
  return withOffsets(opened.reverse());
}

function withOffsets(opened: readonly Opened[]): ReadPart[] {
  const session = opened.at(-1)?.index?.session ?? null;
  const parts = opened.map((part, i) => ({
    handle: part.handle,
    size: part.size,
    modifiedMs: part.modifiedMs,
    session: part.index?.session ?? null,
    entries: part.index?.entries ?? [],
    inNewestSession: i === opened.length - 1 || (session !== null && part.index?.session === session),
  }));
  const earlier = parts.filter((part) => !part.inNewestSession).reduce((sum, part) => sum + part.size, 0);
  let startOffset = -earlier;
  return parts.map((part) => {
    const placed = { ...part, startOffset };
    startOffset += part.size;
    return placed;
  });
}

async function openPart(folder: string, service: string, part: number): Promise<Opened | null> {
  const log = logPath(folder, service, part);
  let handle: FileHandle;
  try {
    handle = await open(log, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
  const stat = await handle.stat({ bigint: true });
  if (!stat.isFile()) {
    await handle.close();
    return null;
  }
  const inode = String(stat.ino);
  return { handle, size: Number(stat.size), modifiedMs: Number(stat.mtimeMs), inode, index: await indexOf(folder, service, part, inode) };
}

/** If the log was rotated between the two opens, the index of a part has the next number. */
async function indexOf(folder: string, service: string, part: number, inode: string): Promise<LogIndex | null> {
  for (const candidate of [part, part + 1]) {
    const index = await readIndex(indexPath(folder, service, candidate));
    if (index?.inode === inode) return index;
  }
  return null;
}

async function readIndex(file: string): Promise<LogIndex | null> {
  try {
    return parseIndex(await readFile(file, { encoding: 'utf8', flag: constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) }));
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EISDIR') return null;
    throw error;
  }
}
