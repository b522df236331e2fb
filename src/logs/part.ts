/**
 * The part of a log that is being written, and its index. A repository can prepare the log folder, so links are never followed: a
 * symbolic link or a folder in place of a file is an error. All functions throw errno exceptions, which `LogFile` turns into a degraded
 * log.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { errnoOf, isErrno } from '../model/errno.ts';
import { formatEntry, formatHeader, type IndexEntry } from './index-file.ts';
import { indexPath, logPath, MAX_ROTATED_PARTS } from './names.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

export class Part {
  readonly #file: string;
  readonly #log: FileHandle;
  readonly #index: FileHandle;
  #position = 0;
  #indexBytes: number;

  private constructor(file: string, log: FileHandle, index: FileHandle, indexBytes: number) {
    this.#file = file;
    this.#log = log;
    this.#index = index;
    this.#indexBytes = indexBytes;
  }

  /** Moves older parts up, deletes the oldest, and begins a new part. */
  static async begin(folder: string, service: string, session: string, bytesToKeep: number): Promise<Part> {
    await refuseLink(folder);
    const file = logPath(folder, service, 0);
    const log = await openNew(file, folder, () => rotate(folder, service, bytesToKeep));
    try {
      const { ino } = await log.stat({ bigint: true });
      const index = await openNew(indexPath(folder, service, 0), folder, () => removeIfThere(indexPath(folder, service, 0)));
      const header = formatHeader(session, String(ino));
      try {
        await index.writeFile(header);
      } catch (error) {
        await index.close();
        throw error;
      }
      return new Part(file, log, index, header.length);
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** The position of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** Size on disk, index included. */
  get bytes(): number {
    return this.#position + this.#indexBytes;
  }

  /** Writes as many bytes as the system accepts (at least one) and returns their number. */
  async write(chunks: readonly Uint8Array[]): Promise<number> {
    const { bytesWritten } = await this.#log.writev(chunks, this.#position);
    this.#position += bytesWritten;
    return bytesWritten;
  }

  async writeEntry(entry: IndexEntry): Promise<void> {
    const line = Buffer.from(formatEntry(entry));
    // An explicit position, because a full disk may have cut off the entry that was written last.
    const { bytesWritten } = await this.#index.write(line, 0, line.length, this.#indexBytes);
    if (bytesWritten < line.length) throw Object.assign(new Error('no space left for the index'), { code: 'ENOSPC' });
    this.#indexBytes += line.length;
  }

  /** Whether the file was removed (`rm -rf .devup`) or moved, so that readers would not find new output. */
  async isGone(): Promise<boolean> {
    const there = await inodeOf(this.#file);
    return there === null || there !== (await this.#log.stat({ bigint: true })).ino;
  }

  async close(): Promise<void> {
    await this.#index.close();
    await this.#log.close();
  }
}

/** Opens a new file. Usually a single system call is enough; `giveWay` is called if the file exists already. */
async function openNew(file: string, folder: string, makeRoom: () => Promise<void>): Promise<FileHandle> {
  try {
    return await open(file, CREATE, 0o600);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') await mkdir(folder, { recursive: true, mode: 0o700 });
    else if (code === 'EEXIST') await makeRoom();
    else throw error;
    return open(file, CREATE, 0o600);
  }
}

async function refuseLink(folder: string): Promise<void> {
  try {
    if ((await lstat(folder)).isSymbolicLink()) throw Object.assign(new Error('the log folder is a symbolic link'), { code: 'ELOOP' });
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

async function removeIfThere(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error;
  });
}

async function rotate(folder: string, service: string, bytesToKeep: number): Promise<void> {
  const current = await sizeWithIndex(logPath(folder, service, 0), indexPath(folder, service, 0));
  if (current === null) return;
  const isEmpty = (await fileSize(logPath(folder, service, 0))) === 0;
  let kept = isEmpty ? 0 : current;
  let last = 0;
  for (let part = 1; part < MAX_ROTATED_PARTS; part++) {
    const size = await sizeWithIndex(logPath(folder, service, part), indexPath(folder, service, part));
    if (size === null || kept + size > bytesToKeep) break;
    kept += size;
    last = part;
  }
  for (let part = last + 1; part <= MAX_ROTATED_PARTS; part++) {
    await Promise.all([removeIfThere(logPath(folder, service, part)), removeIfThere(indexPath(folder, service, part))]);
  }
  if (isEmpty || current > bytesToKeep) {
    await unlink(logPath(folder, service, 0));
    await removeIfThere(indexPath(folder, service, 0));
    return;
  }
  for (let part = last; part >= 0; part--) {
    await rename(logPath(folder, service, part), logPath(folder, service, part + 1));
    await renameIfThere(indexPath(folder, service, part), indexPath(folder, service, part + 1));
  }
}

async function inodeOf(file: string): Promise<bigint | null> {
  try {
    return (await lstat(file, { bigint: true })).ino;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** Size of a part and its index; null if the part is missing. Anything but a plain file throws. */
async function sizeWithIndex(log: string, index: string): Promise<number | null> {
  const size = await fileSize(log);
  return size === null ? null : size + ((await fileSize(index)) ?? 0);
}

async function fileSize(file: string): Promise<number | null> {
  try {
    const stat = await lstat(file);
    if (stat.isFile()) return stat.size;
    const code = stat.isSymbolicLink() ? 'ELOOP' : stat.isDirectory() ? 'EISDIR' : 'EINVAL';
    throw Object.assign(new Error(`not a plain file: ${file}`), { code });
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    await removeIfThere(to);
  }
}
