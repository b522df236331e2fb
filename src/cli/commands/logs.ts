/**
 * `devup logs`: what the services printed, from the files, or through the session, which writes out first what it still
 * holds. With `-f` the live output follows without a gap or a repetition: the events are subscribed to before the files
 * are read, and of each event only what lies behind the end of what was read is shown.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { declaredServices } from '../../app/status.ts';
import { connectTarget, findTarget, type Target, targetName } from '../../app/target.ts';
import { FailureError, type RemoteSession } from '../../control/remote-session.ts';
import { bytesAfter, readLog } from '../../logs/read.ts';
import { isErrno } from '../../model/errno.ts';
import type { Event } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import type { LogLine } from '../../model/log-line.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { noSuchService } from '../../model/unknown-service.ts';
import { ProgressLines } from '../../render/lines.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { type LogView, logView } from '../log-view.ts';
import { type Screen, screen } from '../screen.ts';
import { configFlag, patternFlag, sinceFlag, textFlag } from '../values.ts';

interface Query {
  readonly lines: number | null;
  readonly sinceMs: number | null;
  readonly grep: RegExp | null;
}

export async function logs(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const names = await serviceNames(parsed.words, target.value, context);
  if (!names.ok) return done(shown, names.failure);
  const lines = textFlag(parsed, 'lines');
  const query: Query = {
    lines: lines === null ? null : Number(lines),
    sinceMs: sinceFlag(parsed, 'since', context.machine.clock.wallTime()),
    grep: patternFlag(parsed, 'grep'),
  };
  // A session of another version, or one that does not answer, still has its files.
  const session = await connectTarget(target.value, context);
  const live = session.ok ? session.value : null;
  const follow = parsed.flags['follow'] === true;
  const view = logView({
    names: names.value,
    prefix: parsed.flags['no-prefix'] !== true,
    grep: query.grep,
    follow: follow && live !== null,
    shown,
    context,
  });
  try {
    const events = follow && live ? live.events({ signal: shown.out.closed }) : null;
    const ends = await history(names.value, query, events !== null, { folder: path.join(target.value.folder, 'logs'), live, view, shown });
    if (events) await followEvents(events, new Set(names.value), ends, view, shown);
    await view.end();
    if (follow && !live && !shown.out.closed.aborted)
      void shown.err.write(`${targetName(target.value)} is not running: there is nothing to follow\n`);
    return await done(shown, null);
  } catch (error) {
    if (error instanceof FailureError) return done(shown, error.failure);
    if (!isErrno(error, 'EACCES', 'EPERM', 'ELOOP')) throw error;
    void shown.err.write(`${error.path ?? 'a log'} cannot be read (${error.code})\n`);
    return done(shown, null, 1);
  } finally {
    live?.close();
  }
}

/** Those of the session, the config or the record; where all of these are gone, of the files. E002. */
async function serviceNames(words: readonly string[], target: Target, context: Context): Promise<Result<readonly string[], Failure>> {
  const declared = await declaredServices(target, context);
  const written = await writtenLogs(path.join(target.folder, 'logs'));
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

interface Source {
  readonly folder: string;
  readonly live: RemoteSession | null;
  readonly view: LogView;
  readonly shown: Screen;
}

/** All services as one text in the order of time. Returns where the reading of each ended. */
async function history(names: readonly string[], query: Query, follow: boolean, source: Source): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  const readers = await Promise.all(names.map(async (service) => new Reader(await linesOf(service, query, source))));
  await Promise.all(readers.map((reader) => reader.advance()));
  for (;;) {
    const [first, ...others] = readers.filter((reader) => reader.head !== null);
    if (!first || source.shown.out.closed.aborted) break;
    const next = others.reduce((earliest, reader) => (reader.atMs < earliest.atMs ? reader : earliest), first);
    const line = next.head as LogLine;
    ends.set(line.service, line.nextOffset);
    await source.view.line(line);
    await next.advance();
  }
  if (follow && query.grep) for (const name of names) await unfinishedLine(name, ends, source);
  await Promise.all(readers.map((reader) => reader.leave()));
  return ends;
}

/** It matches nothing yet, and may with what comes next. */
async function unfinishedLine(service: string, ends: Map<string, number>, source: Source): Promise<void> {
  for await (const line of await linesOf(service, { lines: 1, sinceMs: null, grep: null }, source)) {
    if (line.ended || line.continued || line.nextOffset <= (ends.get(service) ?? 0)) continue;
    ends.set(service, line.nextOffset);
    await source.view.line(line);
  }
}

async function linesOf(service: string, query: Query, { folder, live }: Source): Promise<AsyncIterable<LogLine>> {
  const lines = live && (await live.logs(service, query));
  return lines?.ok ? lines.value : readLog({ folder, service, ...query });
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

async function followEvents(
  events: AsyncIterable<Event>,
  names: ReadonlySet<string>,
  ends: ReadonlyMap<string, number>,
  view: LogView,
  shown: Screen,
): Promise<void> {
  const notices = new ProgressLines({ services: [], colour: shown.errColour, viewer: shown.viewer });
  for await (const event of events) {
    // What is missing of services that are not shown is nobody's loss.
    const dropped =
      event.type === 'notice' && event.notice.kind === 'output-dropped' && (event.service === null || names.has(event.service));
    if (event.type === 'gap' || dropped) view.say(notices.line(event));
    if (event.type !== 'output' || !names.has(event.service)) continue;
    const end = ends.get(event.service);
    const bytes = end === undefined ? event.bytes : bytesAfter(event, end);
    if (bytes) await view.chunk({ ...event, bytes, offset: event.offset + event.bytes.length - bytes.length });
  }
}
