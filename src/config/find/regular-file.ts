/** Reads files that may be anything: opening a FIFO, or reading a device, would never end. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { errnoOf } from '../../model/errno.ts';

/** More than any config, and little enough to read at once. */
export const LARGEST_CONFIG_BYTES = 4 * 1024 * 1024;

/** `missing`: nothing is there. `what`: a phrase that continues a sentence, such as `a named pipe, not a file`. */
export type NotRead = { readonly why: 'missing' | 'denied' } | { readonly why: 'folder' | 'special' | 'too-large'; readonly what: string };

/** Null: a file that can be read at once, as far as can be told without opening it. Follows links. */
export function regularFileRefusal(file: string, largestBytes: number): NotRead | null {
  try {
    return refusalOf(statSync(file), largestBytes);
  } catch (error) {
    return systemRefusal(error);
  }
}

/** Follows links. */
export function readRegularFile(file: string, largestBytes: number): string | NotRead {
  try {
    // Opening a device may do something, so it is not opened at all.
    const before = refusalOf(statSync(file), largestBytes);
    if (before) return before;
    const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const opened = fstatSync(fd);
      // The files of /proc say that they are empty, and some have no end.
      return refusalOf(opened, largestBytes) ?? (opened.size === 0 ? '' : readFileSync(fd, 'utf8'));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return systemRefusal(error);
  }
}

function systemRefusal(error: unknown): NotRead {
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return { why: 'missing' };
  if (code === 'EACCES' || code === 'EPERM') return { why: 'denied' };
  throw error;
}

function refusalOf(stat: Stats, largestBytes: number): NotRead | null {
  if (stat.isDirectory()) return { why: 'folder', what: 'a folder, not a file' };
  if (stat.isFIFO()) return { why: 'special', what: 'a named pipe, not a file' };
  if (stat.isSocket()) return { why: 'special', what: 'a socket, not a file' };
  if (!stat.isFile()) return { why: 'special', what: 'a device, not a file' };
  return stat.size > largestBytes ? { why: 'too-large', what: `larger than ${largestBytes / 1024 / 1024} MiB` } : null;
}
