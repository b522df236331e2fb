/** Reading the small files of `/proc`, synchronously and into one buffer: 5 to 10 µs each, where `readFile` takes five times as long. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { unless, unreadable } from '../../model/errno.ts';
import { withSpare } from '../spare-descriptors.ts';

let buffer = Buffer.allocUnsafe(8192);

/** The whole text; null when the process is gone or the file is not ours to read. */
export function readText(path: string): string | null {
  return unless(unreadable, () => withSpare(() => read(path)));
}

function read(path: string): string {
  const file = openSync(path, 'r');
  try {
    let length = 0;
    for (;;) {
      const room = buffer.length - length;
      const count = readSync(file, buffer, length, room, null);
      length += count;
      // The kernel has all of such a file at once, and gives as much as there is room for: less is the end.
      if (count < room) return buffer.toString('utf8', 0, length);
      buffer = Buffer.concat([buffer], 2 * length);
    }
  } finally {
    closeSync(file);
  }
}

export function readLink(path: string): string | null {
  return unless(unreadable, () => readlinkSync(path));
}

/** Numbers of all processes, the same ones always in the same order (libuv sorts the names). */
export function allPids(): readonly number[] {
  return withSpare(() => readdirSync('/proc'))
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number);
}

/**
 * The effective user of a process. Its folder belongs to that user by a promise of the kernel (`task_dump_owner`), also where
 * its files are root's because it may not be traced; `status` says the same, at seven times the cost.
 */
export function ownerOf(pid: number): number | null {
  return unless(unreadable, () => statSync(`/proc/${pid}`, { throwIfNoEntry: false }))?.uid ?? null;
}

/** Links of all open files of a process; empty when it is gone or not ours to read. */
export function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  const names = unless(unreadable, () => withSpare(() => readdirSync(folder))) ?? [];
  const links: string[] = [];
  for (const name of names) {
    const link = readLink(`${folder}/${name}`);
    if (link !== null) links.push(link);
  }
  return links;
}
