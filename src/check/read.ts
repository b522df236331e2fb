/** Reads one file as text. A BOM is removed but remembered, line ends are kept. Files that are too large or binary are not read. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { errnoOf } from '../model/errno.ts';

export interface FileText {
  readonly text: string;
  readonly bom: boolean;
  /** Hash of its bytes, to notice a change before the file is written. */
  readonly hash: string;
}

const LARGEST_BYTES = 2 * 1024 * 1024;

export type Unread = 'too-large' | 'binary' | 'unreadable' | 'gone';

export function readTextFile(file: string): FileText | Unread {
  try {
    const stat = statSync(file);
    // A folder, a FIFO that would block, a device.
    if (!stat.isFile()) return 'binary';
    if (stat.size > LARGEST_BYTES) return 'too-large';
    const bytes = readFileSync(file);
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

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
