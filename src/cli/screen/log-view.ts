/**
 * The output of `devup logs`: prefixed text, or one JSON object a line. Both take lines from the files and live chunks, and join them: the
 * first chunk continues a line that was unfinished when the files were read.
 */
import { uncolouredText } from '../../logs/escapes.ts';
import { Splitter } from '../../logs/splitter.ts';
import type { OutputEvent } from '../../model/event.ts';
import type { LogLine } from '../../model/log-line.ts';
import { jsonLine } from '../../render/json.ts';
import type { Context } from '../context.ts';
import { LogText } from './log-text.ts';
import type { Screen } from './screen.ts';

export interface LogView {
  /** Shows a line from the files. */
  line(line: LogLine): Promise<void>;
  /** Shows live output. */
  chunk(event: OutputEvent): Promise<void>;
  /** Prints a message of devup itself on stderr. */
  say(text: string): void;
  end(): Promise<void>;
}

export interface LogViewOptions {
  readonly names: readonly string[];
  readonly prefix: boolean;
  readonly grep: RegExp | null;
  /** Whether chunks will follow the lines. */
  readonly follow: boolean;
  readonly shown: Screen;
  readonly context: Context;
}

export function logView(options: LogViewOptions): LogView {
  const text = textView(options);
  if (options.shown.json) return byLines(options, (line) => options.shown.out.write(toJson(line)), text.say);
  return options.grep ? byLines(options, (line) => text.line({ ...line, ended: true }), text.say, text.end) : text;
}

type Line = Pick<LogLine, 'service' | 'atMs' | 'text' | 'offset' | 'continued' | 'ended'>;

function toJson({ service, atMs, offset, text, continued }: Line): string {
  const at = atMs === null ? null : new Date(atMs).toISOString();
  return jsonLine({ service, at, offset, text: uncolouredText(text), ...(continued ? { continued } : {}) });
}

interface TextView extends LogView {
  line(line: Line): Promise<void>;
}

function textView({ names, prefix, shown, context }: LogViewOptions): TextView {
  const unfinished = new Set<string>();
  const text = new LogText({ names, prefix, shown, context });
  const push = (service: string, line: string) => text.push({ service, stream: 'stdout', bytes: Buffer.from(line) });
  return {
    async line({ service, text: line, continued, ended }) {
      // The line before it was the last of an earlier session, which ended without a line feed.
      if (unfinished.delete(service) && !continued) push(service, '\n');
      if (!ended) unfinished.add(service);
      push(service, ended ? `${line}\n` : line);
      await shown.out.drained();
    },
    async chunk(event) {
      unfinished.delete(event.service);
      text.pushLive({ ...event, stream: 'stdout' });
      await shown.out.drained();
    },
    say(words) {
      text.breakLine();
      void shown.err.write(words);
    },
    end: () => text.end(),
  };
}

/** Passes on whole lines only, for a search pattern or for JSON. */
function byLines(
  options: LogViewOptions,
  show: (line: Line) => Promise<void>,
  say: (text: string) => void,
  end: () => Promise<void> = () => options.shown.out.flush(),
): LogView {
  const parts = new Map<string, { readonly splitter: Splitter; readonly base: number }>();
  const partsOf = (service: string, offset: number) => {
    const known = parts.get(service) ?? { splitter: new Splitter(), base: offset };
    parts.set(service, known);
    return known;
  };
  const matches = ({ text }: Line) => !options.grep || options.grep.test(text);
  const split = async (service: string, offset: number, bytes: Uint8Array, atMs: number | null) => {
    const { splitter, base } = partsOf(service, offset);
    for (const record of splitter.push(bytes)) await showRecord(service, base, record, atMs);
  };
  const showRecord = async (service: string, base: number, record: ReturnType<Splitter['push']>[number], atMs: number | null) => {
    const line = {
      service,
      atMs,
      text: record.bytes.toString('utf8').replace(/\r$/, ''),
      offset: base + record.offset,
      continued: record.continued,
      ended: record.ended,
    };
    if (matches(line)) await show(line);
  };
  const flush = async (service: string) => {
    const known = parts.get(service);
    parts.delete(service);
    for (const record of known?.splitter.end() ?? []) await showRecord(service, known?.base ?? 0, record, null);
  };
  return {
    async line(line) {
      // The line before it was the last of an earlier session, which ended without a line feed.
      if (!line.continued) await flush(line.service);
      if (options.follow && !line.ended && !line.continued) await split(line.service, line.offset, Buffer.from(line.text), line.atMs);
      else await show(line);
    },
    chunk: (event) => split(event.service, event.offset, event.bytes, event.atMs),
    say,
    async end() {
      for (const service of parts.keys()) await flush(service);
      await end();
    },
  };
}
