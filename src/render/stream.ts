/**
 * The output of all services as one text, each line behind its service's name:
 *
 *     backend  │ GET /health 200
 *
 * Per chunk, not per line: the bytes are looked at as latin1 text (a character a byte, so that they pass untouched), the
 * unfinished end of a chunk is kept until its line is complete, and one `replaceAll` puts the prefix before every line.
 * Lines of two services are never mixed. A line that stays unfinished (a prompt) is shown by `idle`; what comes to it
 * later follows on the same line as long as nobody else has written in between.
 */
import type { OutputEvent } from '../model/event.ts';
import { PREFIX_CODES } from './style.ts';
import { harmless, padEnd, width } from './text.ts';

/** Makes a service's escape sequences harmless; latin1 in, latin1 out; may keep back what it cannot judge yet. */
export interface LineFilter {
  filter(chunk: string): string;
  flush(): string;
}

export interface LogStreamOptions {
  /** In the order of their colours; the longest one makes the width of the prefix. */
  readonly names: readonly string[];
  readonly colour: boolean;
  /** False: lines stand alone, though still never mixed. */
  readonly prefix: boolean;
  /** Null: bytes pass as they came. */
  filter(service: string, stream: 'stdout' | 'stderr'): LineFilter | null;
  /** latin1; whole lines, but for unfinished ones that `idle` shows. */
  write(text: string): void;
}

/** More is shown as an unfinished line, so that a line without an end does not grow in memory. */
const TAIL_BYTES = 64 * 1024;

interface Source {
  readonly prefix: string;
  readonly filter: LineFilter | null;
  /** The unfinished line, as far as it was not shown. */
  tail: string;
}

export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #sources = new Map<string, Source>();
  readonly #cells: number;
  /** Whose unfinished line the output ends with. */
  #open: Source | null = null;

  constructor(options: LogStreamOptions) {
    this.#options = options;
    this.#cells = Math.max(0, ...options.names.map((name) => width(harmless(name))));
  }

  push(event: Pick<OutputEvent, 'service' | 'stream' | 'bytes'>): void {
    const source = this.#source(event.service, event.stream);
    const { bytes } = event;
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    this.#take(source, source.filter ? source.filter.filter(raw) : raw);
  }

  /** True while a line is held back; then call `idle` when nothing came for 200 ms. */
  get holds(): boolean {
    for (const source of this.#sources.values()) if (source.tail !== '') return true;
    return false;
  }

  /** Shows unfinished lines: somebody may be waiting for an answer to a question without a line feed. */
  idle(): void {
    for (const source of this.#sources.values()) if (source.tail !== '') this.#showUnfinished(source);
  }

  /** Before anything else is written to the same terminal: an unfinished line gets its line feed. */
  breakLine(): void {
    if (!this.#open) return;
    this.#open = null;
    this.#options.write('\n');
  }

  /** Everything that is still held, each as a line of its own: the services are over, or the view is. */
  end(): void {
    for (const source of this.#sources.values()) {
      if (source.filter) this.#take(source, source.filter.flush());
      if (source.tail !== '') this.#take(source, '\n');
    }
    this.breakLine();
  }

  #take(source: Source, text: string): void {
    const end = text.lastIndexOf('\n');
    if (end === -1) {
      source.tail += text;
      if (source.tail.length > TAIL_BYTES) this.#showUnfinished(source);
      return;
    }
    const lines = source.tail + text.slice(0, end);
    source.tail = text.slice(end + 1);
    this.#options.write(`${this.#lead(source)}${this.#prefixed(source, lines)}\n`);
    this.#open = null;
    if (source.tail.length > TAIL_BYTES) this.#showUnfinished(source);
  }

  #showUnfinished(source: Source): void {
    const lead = this.#lead(source);
    const text = source.tail;
    source.tail = '';
    this.#open = source;
    this.#options.write(lead + text);
  }

  /** What has to stand before more of this source: nothing on its own open line, else perhaps a line feed, and its prefix. */
  #lead(source: Source): string {
    if (this.#open === source) return '';
    return (this.#open ? '\n' : '') + source.prefix;
  }

  #prefixed(source: Source, lines: string): string {
    return source.prefix === '' ? lines : lines.replaceAll('\n', `\n${source.prefix}`);
  }

  #source(service: string, stream: 'stdout' | 'stderr'): Source {
    const key = `${stream} ${service}`;
    let source = this.#sources.get(key);
    if (!source) {
      source = { prefix: this.#prefixOf(service), filter: this.#options.filter(service, stream), tail: '' };
      this.#sources.set(key, source);
    }
    return source;
  }

  /** The colour begins with a reset: what a service left on must not run into the next line. */
  #prefixOf(service: string): string {
    if (!this.#options.prefix) return '';
    const text = `${padEnd(harmless(service), this.#cells)} │ `;
    const place = Math.max(0, this.#options.names.indexOf(service));
    const code = PREFIX_CODES[place % PREFIX_CODES.length];
    const painted = this.#options.colour ? `\x1b[0;${code}m${text}\x1b[0m` : text;
    return Buffer.from(painted, 'utf8').toString('latin1');
  }
}
