/**
 * The index of a log part: a small text file that records when its bytes arrived, and their offsets in the session's output.
 *
 *     devup-log 1 <session> <inode of the log part>
 *     <position in this part> <offset in the session> <wall clock ms>
 *     …
 *
 * An entry applies to the bytes from its position to the next entry's. Offsets count over all parts of a session, dropped bytes
 * included, so that a reader can join the file with the live stream. While there is output, one entry is written per second; after
 * every 1024 entries of a part, half as often. This bounds the index however long a slow service prints.
 */
export interface IndexEntry {
  readonly position: number;
  readonly offset: number;
  readonly atMs: number;
}

export interface LogIndex {
  /** The same for all parts that one session wrote. */
  readonly session: string;
  /** The inode of the log part, which reveals a rotation between opening the index and the part. */
  readonly inode: string;
  readonly entries: readonly IndexEntry[];
}

const SECOND = 1000;
const ENTRIES_PER_STEP = 1024;

/** The time that the entry with this number covers: its bytes arrived within this time after it. */
export function entrySpanMs(entry: number): number {
  return SECOND * 2 ** Math.floor(entry / ENTRIES_PER_STEP);
}

export function formatHeader(session: string, inode: string): string {
  return `devup-log 1 ${session} ${inode}\n`;
}

export function formatEntry(entry: IndexEntry): string {
  return `${entry.position} ${entry.offset} ${entry.atMs}\n`;
}

/** Null for a text that is not an index. Ends before a torn last line, or one with a smaller position. */
export function parseIndex(text: string): LogIndex | null {
  const lines = text.split('\n');
  const header = /^devup-log 1 (\S+) (\d+)$/.exec(lines[0] as string);
  if (!header) return null;
  const entries: IndexEntry[] = [];
  for (const line of lines.slice(1, -1)) {
    const match = /^(\d{1,16}) (\d{1,16}) (\d{1,16})$/.exec(line);
    if (!match) break;
    const entry = { position: Number(match[1]), offset: Number(match[2]), atMs: Number(match[3]) };
    if (entry.position < (entries.at(-1)?.position ?? 0)) break;
    entries.push(entry);
  }
  return { session: header[1] as string, inode: header[2] as string, entries };
}

/** The entry that applies to a position, and its number; null before the first entry. */
export function entryAt(entries: readonly IndexEntry[], position: number): { readonly entry: IndexEntry; readonly number: number } | null {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as IndexEntry).position <= position) low = middle + 1;
    else high = middle;
  }
  const entry = entries[low - 1];
  return entry ? { entry, number: low - 1 } : null;
}
