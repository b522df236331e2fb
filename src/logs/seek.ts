/** Finds where to begin reading: by time through the index, or by lines backwards from the end, block by block. */
import { entrySpanMs } from './index-file.ts';
import type { ReadPart } from './parts.ts';

const BLOCK_BYTES = 64 * 1024;
const LF = 0x0a;

/** A part (by its index in the list) and a position in it. */
export interface LogPosition {
  readonly part: number;
  readonly position: number;
}

/** The line with the first bytes that may have arrived at `sinceMs` or later. It may be a second too early, but never too late. */
export async function positionSince(parts: readonly ReadPart[], sinceMs: number | null): Promise<LogPosition> {
  if (sinceMs === null) return { part: 0, position: 0 };
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as ReadPart;
    if (part.entries.length === 0 && part.size > 0 && part.modifiedMs >= sinceMs) return { part: i, position: 0 };
    const entry = part.entries.find(({ atMs }, number) => atMs + entrySpanMs(number) > sinceMs);
    if (entry) return { part: i, position: await lineStart(part, entry.position) };
  }
  return { part: parts.length, position: 0 };
}

/** An index entry may point into the middle of a line that was printed in pieces. */
async function lineStart(part: ReadPart, position: number): Promise<number> {
  for (let end = Math.min(position, part.size); end > 0; ) {
    const begin = Math.max(0, end - BLOCK_BYTES);
    const feed = (await readBlock(part, begin, end)).lastIndexOf(LF);
    if (feed !== -1) return begin + feed + 1;
    end = begin;
  }
  return 0;
}

/** The beginning of the last `lines` lines; an unfinished last line counts. */
export async function positionOfTail(parts: readonly ReadPart[], lines: number): Promise<LogPosition> {
  let wanted = lines;
  let session: string | null | undefined;
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i] as ReadPart;
    if (part.size === 0) continue;
    let endOfSession = part.session !== session;
    // A line ends with its session, with or without a line feed, so the next session begins a new line.
    if (endOfSession && session !== undefined && --wanted === 0) return { part: i + 1, position: 0 };
    session = part.session;
    for (let end = part.size; end > 0; end = Math.max(0, end - BLOCK_BYTES)) {
      const begin = Math.max(0, end - BLOCK_BYTES);
      const block = await readBlock(part, begin, end);
      let at = block.length;
      // A line feed at the very end does not begin another line.
      if (endOfSession && block[at - 1] === LF) at--;
      endOfSession = false;
      while (at > 0) {
        const feed = block.lastIndexOf(LF, at - 1);
        if (feed === -1) break;
        if (--wanted === 0) return { part: i, position: begin + feed + 1 };
        at = feed;
      }
    }
  }
  return { part: 0, position: 0 };
}

async function readBlock(part: ReadPart, begin: number, end: number): Promise<Buffer> {
  const { buffer, bytesRead } = await part.handle.read(Buffer.allocUnsafe(end - begin), 0, end - begin, begin);
  return buffer.subarray(0, bytesRead);
}
