/**
 * Reads the logs of services: from the files, or through the session, which first flushes its output. Live output follows
 * without a gap or a repetition: events are subscribed to before the files are read, and only the bytes of an event beyond
 * the end of what was read are passed on.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RemoteSession } from '../control/remote-session.ts';
import { bytesAfter, readLog } from '../logs/read.ts';
import { isErrno } from '../model/errno.ts';
import type { Event } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { LogLine } from '../model/log-line.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { noSuchService } from '../model/unknown-service.ts';
import type { AppContext } from './context.ts';
import { declaredServices } from './status.ts';
import type { Target } from './target.ts';

export interface LogsQuery {
  /** Number of last lines of each service; null for all. */
  readonly lines: number | null;
  readonly sinceMs: number | null;
  readonly grep: RegExp | null;
}

export interface LogSource {
  readonly target: Target;
  /** Null to read the files. */
  readonly live: RemoteSession | null;
  readonly show: (line: LogLine) => Promise<void>;
  /** Aborts when the reader of the output is gone. */
  readonly unwanted: AbortSignal;
}

/** The services to read: those named, or all of the session, the config or the record, else those with log files. E002. */
export async function loggedServices(
  words: readonly string[],
  target: Target,
  context: AppContext,
): Promise<Result<readonly string[], Failure>> {
  const declared = await declaredServices(target, context);
  const written = await writtenLogs(logFolder(target));
  if (!declared.ok && written.length === 0) return declared;
  const known = declared.ok ? declared.value.map(({ name }) => name) : written;
  // The logs of a service that was removed from the config can still be read by name.
  const unknown = words.find((word) => !known.includes(word) && !written.includes(word));
  if (unknown !== undefined) return fail(noSuchService(unknown, known));
  return ok(words.length > 0 ? [...new Set(words)] : known);
}

async function writtenLogs(folder: string): Promise<readonly string[]> {
  try {
    const files = await readdir(folder);
    return files.filter((file) => file.endsWith('.log')).map((file) => decodeName(file.slice(0, -4)));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Decodes a file name that `logs/names.ts` has encoded. */
function decodeName(file: string): string {
  return Buffer.from(
    file.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

/** Shows the lines of all services in the order of time. Returns the offset at which each log ended. */
export async function readHistory(
  names: readonly string[],
  query: LogsQuery,
  follow: boolean,
  source: LogSource,
): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  const readers = await Promise.all(names.map(async (service) => new Reader(await linesOf(service, query, source))));
  await Promise.all(readers.map((reader) => reader.advance()));
  for (;;) {
    const [first, ...others] = readers.filter((reader) => reader.head !== null);
    if (!first || source.unwanted.aborted) break;
    const next = others.reduce((earliest, reader) => (reader.atMs < earliest.atMs ? reader : earliest), first);
    const line = next.head as LogLine;
    ends.set(line.service, line.nextOffset);
    await source.show(line);
    await next.advance();
  }
  if (follow && query.grep) for (const name of names) await showUnfinishedLine(name, ends, source);
  await Promise.all(readers.map((reader) => reader.leave()));
  return ends;
}

/** Shows a last line that is unfinished: it may match the pattern once it is complete. */
async function showUnfinishedLine(service: string, ends: Map<string, number>, source: LogSource): Promise<void> {
  for await (const line of await linesOf(service, { lines: 1, sinceMs: null, grep: null }, source)) {
    if (line.ended || line.continued || line.nextOffset <= (ends.get(service) ?? 0)) continue;
    ends.set(service, line.nextOffset);
    await source.show(line);
  }
}

/** An expression is tested in this process: one that takes forever must not stop the session, and ends with Ctrl-C. */
async function linesOf(service: string, query: LogsQuery, { target, live }: LogSource): Promise<AsyncIterable<LogLine>> {
  if (live && query.grep) {
    // The session writes all output so far to the files.
    const flushed = await live.logs(service, { ...query, lines: 0, grep: null });
    if (flushed.ok) for await (const _ of flushed.value);
    return readLog({ folder: logFolder(target), service, ...query });
  }
  const lines = live && (await live.logs(service, query));
  return lines?.ok ? lines.value : readLog({ folder: logFolder(target), service, ...query });
}

class Reader {
  readonly #lines: AsyncIterator<LogLine>;
  head: LogLine | null = null;
  /** Time of the last line that had one; lines without a time follow it. */
  atMs = 0;

  constructor(lines: AsyncIterable<LogLine>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async advance(): Promise<void> {
    const next = await this.#lines.next();
    this.head = next.done ? null : next.value;
    this.atMs = this.head?.atMs ?? this.atMs;
  }

  async leave(): Promise<void> {
    await this.#lines.return?.();
  }
}

/** The live events of some services: output beyond `ends`, and notices of missing output. */
export async function* newOutput(
  events: AsyncIterable<Event>,
  names: ReadonlySet<string>,
  ends: ReadonlyMap<string, number>,
): AsyncGenerator<Event> {
  for await (const event of events) {
    // Missing output of services that are not shown does not matter.
    const dropped =
      event.type === 'notice' && event.notice.kind === 'output-dropped' && (event.service === null || names.has(event.service));
    if (event.type === 'gap' || dropped) yield event;
    if (event.type !== 'output' || !names.has(event.service)) continue;
    const end = ends.get(event.service);
    const bytes = end === undefined ? event.bytes : bytesAfter(event, end);
    if (bytes) yield { ...event, bytes, offset: event.offset + event.bytes.length - bytes.length };
  }
}

function logFolder({ folder }: Target): string {
  return path.join(folder, 'logs');
}
