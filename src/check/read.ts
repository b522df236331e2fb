/** Reads one file as text. A BOM is removed but remembered, line ends are kept. Files that are too large or binary are not read. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { errnoOf } from '../model/errno.ts';

export interface FileText {
  readonly text: string;
  readonly bom: boolean;
  /** Hash of its bytes, to notice a change before the file is written. */
  readonly hash: string;
}

const LARGEST_BYTES = 2 * 1024 * 1024;

export type Unread = 'not-a-file' | 'too-large' | 'binary' | 'unreadable' | 'gone';

export function readTextFile(file: string): FileText | Unread {
  try {
    // Opening a device may do something, so it is not opened at all.
    const bytes = refusalOf(statSync(file)) ?? readBytes(file);
    if (typeof bytes === 'string') return bytes;
    if (bytes.subarray(0, 8192).includes(0)) return 'binary';
    const decoded = bytes.toString('utf8');
    const bom = decoded.startsWith('\uFEFF');
    return { text: bom ? decoded.slice(1) : decoded, bom, hash: hashOf(bytes) };
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EACCES' || code === 'EPERM') return 'unreadable';
    if (code === 'ENOENT') return 'gone';
    throw error;
  }
}

/** Looks at what it has opened: it may have been replaced since it was looked at. */
function readBytes(file: string): Buffer | Unread {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const opened = fstatSync(fd);
    // The files of /proc say that they are empty, and some have no end.
    return refusalOf(opened) ?? (opened.size === 0 ? Buffer.alloc(0) : readFileSync(fd));
  } finally {
    closeSync(fd);
  }
}

/** A folder, a FIFO that would block, a device. */
function refusalOf(stat: Stats): Unread | null {
  if (!stat.isFile()) return 'not-a-file';
  return stat.size > LARGEST_BYTES ? 'too-large' : null;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
