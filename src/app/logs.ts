/**
 * What services printed: read from the files, or through the session, which writes out first what it still holds. What
 * follows live goes on without a gap or a repetition: the events are subscribed to before the files are read, and of
 * each event only what lies behind the end of what was read is given on.
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
  /** Of each service the last so many; null: all. */
  readonly lines: number | null;
  readonly sinceMs: number | null;
  readonly grep: RegExp | null;
}

export interface LogSource {
  readonly target: Target;
  /** Null: the files are read. */
  readonly live: RemoteSession | null;
  readonly show: (line: LogLine) => Promise<void>;
  /** Aborted when nobody takes any more lines. */
  readonly unwanted: AbortSignal;
}

/** The services whose logs are meant: those of the session, the config or the record; where all of these are gone, of the files. E002. */
export async function loggedServices(
  words: readonly string[],
  target: Target,
  context: AppContext,
): Promise<Result<readonly string[], Failure>> {
  const declared = await declaredServices(target, context);
  const written = await writtenLogs(logFolder(target));
  if (!declared.ok && written.length === 0) return declared;
  const known = declared.ok ? declared.value.map(({ name }) => name) : written;
  // A service that was removed from the config can still be asked for by name.
  const stranger = words.find((word) => !known.includes(word) && !written.includes(word));
  if (stranger !== undefined) return fail(noSuchService(stranger, known));
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

/** As in `logs/names.ts`, backwards. */
function decodeName(file: string): string {
  return Buffer.from(
    file.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

/** All services as one text in the order of time. Returns where the reading of each ended. */
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
  if (follow && query.grep) for (const name of names) await unfinishedLine(name, ends, source);
  await Promise.all(readers.map((reader) => reader.leave()));
  return ends;
}

/** It matches nothing yet, and may with what comes next. */
async function unfinishedLine(service: string, ends: Map<string, number>, source: LogSource): Promise<void> {
  for await (const line of await linesOf(service, { lines: 1, sinceMs: null, grep: null }, source)) {
    if (line.ended || line.continued || line.nextOffset <= (ends.get(service) ?? 0)) continue;
    ends.set(service, line.nextOffset);
    await source.show(line);
  }
}

async function linesOf(service: string, query: LogsQuery, { target, live }: LogSource): Promise<AsyncIterable<LogLine>> {
  const lines = live && (await live.logs(service, query));
  return lines?.ok ? lines.value : readLog({ folder: logFolder(target), service, ...query });
}

class Reader {
  readonly #lines: AsyncIterator<LogLine>;
  head: LogLine | null = null;
  /** Lines without a time belong to the one before. */
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

/** What is new in the live events of some services: output behind `ends`, and what says that output is missing. */
export async function* newOutput(
  events: AsyncIterable<Event>,
  names: ReadonlySet<string>,
  ends: ReadonlyMap<string, number>,
): AsyncGenerator<Event> {
  for await (const event of events) {
    // What is missing of services that are not shown is nobody's loss.
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
