/**
 * Reads service logs, for the command line and the HTTP route. Needs only the files, so it works when the stack is down. Reads all parts
 * that rotation has left, oldest first.
 *
 * Offsets match the live stream: `LogLine.offset`, like `OutputEvent.offset`, counts from the start of the newest session's output.
 * Earlier sessions count backwards from there, so their offsets are negative. To show the tail and then follow without gap or
 * repetition: subscribe to the events, flush the log, read, then pass every event through `bytesAfter(…, the end of what was read)`.
 */
import type { FileHandle } from 'node:fs/promises';
import type { LogLine } from '../model/log-line.ts';
import { BoundedExpression } from './bounded-expression.ts';
import { entryAt, type IndexEntry } from './index-file.ts';
import { openParts, type ReadPart } from './parts.ts';
import { type LogPosition, positionOfTail, positionSince } from './seek.ts';
import { LINE_CAP_BYTES, type LinePiece, Splitter } from './splitter.ts';

const BLOCK_BYTES = 256 * 1024;
/** Lines are given to an expression in batches. */
const BATCH = { lines: 200, chars: 256 * 1024 };

export interface LogQuery {
  readonly folder: string;
  readonly service: string;
  /** The number of last lines (that match `grep`); null: all. */
  readonly lines: number | null;
  /** Wall clock, milliseconds since 1970; null: from the beginning. */
  readonly sinceMs: number | null;
  /** A `BoundedExpression` where others wait for this process. */
  readonly grep: RegExp | BoundedExpression | null;
}

/** The expression takes too long for a line. */
export class EndlessExpressionError extends Error {}

/** Yields nothing for a service without a log. Throws errno exceptions for files that cannot be read. */
export async function* readLog(query: LogQuery): AsyncIterable<LogLine> {
  if (query.lines !== null && query.lines <= 0) return;
  const parts = await openParts(query.folder, query.service);
  try {
    let start = await positionSince(parts, query.sinceMs);
    if (query.lines !== null && !query.grep) start = laterPosition(start, await positionOfTail(parts, query.lines));
    const found = matching(linesFrom(parts, start, query.service), query);
    yield* query.lines === null ? found : lastOf(found, query.lines);
  } finally {
    for (const part of parts) await part.handle.close();
  }
}

/** The offset at which the newest session's log ends on disk; 0 if there is none. */
export async function endOffset(query: { readonly folder: string; readonly service: string }): Promise<number> {
  const parts = await openParts(query.folder, query.service);
  try {
    const newest = parts.at(-1);
    return newest ? offsetAt(newest, newest.size) : 0;
  } finally {
    for (const part of parts) await part.handle.close();
  }
}

/** The bytes of a live chunk after `offset`: all of them, the rest, or null if they were read already. */
export function bytesAfter(chunk: { readonly bytes: Uint8Array; readonly offset: number }, offset: number): Uint8Array | null {
  if (chunk.offset >= offset) return chunk.bytes;
  const known = offset - chunk.offset;
  return known >= chunk.bytes.length ? null : chunk.bytes.subarray(known);
}

function laterPosition(a: LogPosition, b: LogPosition): LogPosition {
  return a.part > b.part || (a.part === b.part && a.position >= b.position) ? a : b;
}

async function* matching(lines: AsyncIterable<LogLine>, { grep }: LogQuery): AsyncIterable<LogLine> {
  if (!grep) yield* lines;
  else if (grep instanceof BoundedExpression) yield* matchingInBatches(lines, grep);
  else {
    // A global or sticky expression keeps its last index and would skip lines.
    const expression = new RegExp(grep.source, grep.flags.replace(/[gy]/g, ''));
    for await (const line of lines) if (expression.test(line.text)) yield line;
  }
}

async function* matchingInBatches(lines: AsyncIterable<LogLine>, grep: BoundedExpression): AsyncIterable<LogLine> {
  let batch: LogLine[] = [];
  let chars = 0;
  for await (const line of lines) {
    batch.push(line);
    chars += line.text.length;
    if (batch.length < BATCH.lines && chars < BATCH.chars) continue;
    yield* await test(batch);
    batch = [];
    chars = 0;
  }
  yield* await test(batch);

  async function test(some: readonly LogLine[]): Promise<readonly LogLine[]> {
    const results = await grep.test(some.map(({ text }) => text));
    if (results.includes(null)) throw new EndlessExpressionError(`${grep.source} takes too long for a line`);
    return some.filter((_, i) => results[i]);
  }
}

async function* lastOf(lines: AsyncIterable<LogLine>, count: number): AsyncIterable<LogLine> {
  const kept: LogLine[] = [];
  let next = 0;
  for await (const line of lines) {
    if (kept.length < count) kept.push(line);
    else {
      kept[next] = line;
      next = (next + 1) % count;
    }
  }
  yield* kept.slice(next);
  yield* kept.slice(0, next);
}

/** Consecutive parts of one session are one text. A line ends between two sessions, and where bytes were dropped. */
async function* linesFrom(parts: readonly ReadPart[], start: LogPosition, service: string): AsyncIterable<LogLine> {
  let group: { readonly part: ReadPart; readonly at: number; readonly from: number }[] = [];
  let splitter = new Splitter(LINE_CAP_BYTES);
  let length = 0;
  for (let i = start.part; i < parts.length; i++) {
    const part = parts[i] as ReadPart;
    for (const { from, to, joined } of stretches(part, i === start.part ? start.position : 0, group.at(-1)?.part)) {
      if (!joined) {
        for (const record of splitter.end()) yield toLine(record);
        group = [];
        splitter = new Splitter(LINE_CAP_BYTES);
        length = 0;
      }
      group.push({ part, at: length, from });
      for await (const block of readBlocks(part.handle, from, to)) {
        length += block.length;
        for (const record of splitter.push(block)) yield toLine(record);
      }
    }
  }
  for (const record of splitter.end()) yield toLine(record);

  function toLine(record: LinePiece): LogLine {
    const first = locate(record.offset);
    const end = record.offset + record.bytes.length;
    const last = record.ended ? locate(end) : locate(Math.max(record.offset, end - 1));
    return {
      service,
      atMs: timeAt(first.part, first.position),
      text: withoutCarriageReturn(record.bytes).toString('utf8'),
      offset: offsetAt(first.part, first.position),
      nextOffset: offsetAt(last.part, last.position) + 1,
      continued: record.continued,
      ended: record.ended,
    };
  }

  /** Maps an offset in the splitter's input to the part that contains the byte. */
  function locate(offset: number): { readonly part: ReadPart; readonly position: number } {
    let i = group.length - 1;
    while (i > 0 && (group[i] as { at: number }).at > offset) i--;
    const { part, at, from } = group[i] as { part: ReadPart; at: number; from: number };
    return { part, position: from + offset - at };
  }
}

/** The stretches of a part without dropped bytes. `joined`: the stretch continues the text before it. */
function* stretches(
  part: ReadPart,
  start: number,
  previous: ReadPart | undefined,
): Iterable<{ readonly from: number; readonly to: number; readonly joined: boolean }> {
  let from = start;
  let joined = previous?.session === part.session;
  for (let i = 1; i < part.entries.length; i++) {
    const before = part.entries[i - 1] as IndexEntry;
    const entry = part.entries[i] as IndexEntry;
    if (entry.position <= from || entry.offset - before.offset === entry.position - before.position) continue;
    yield { from, to: entry.position, joined };
    from = entry.position;
    joined = false;
  }
  yield { from, to: part.size, joined };
}

function withoutCarriageReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes;
}

async function* readBlocks(handle: FileHandle, from: number, to: number): AsyncIterable<Buffer> {
  for (let position = from; position < to; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(BLOCK_BYTES, to - position)), 0, null, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function offsetAt(part: ReadPart, position: number): number {
  if (!part.inNewestSession) return part.startOffset + position;
  const found = entryAt(part.entries, position);
  return found ? found.entry.offset + position - found.entry.position : part.startOffset + position;
}

function timeAt(part: ReadPart, position: number): number | null {
  return entryAt(part.entries, position)?.entry.atMs ?? null;
}
