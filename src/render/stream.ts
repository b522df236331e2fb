/**
 * The output of all services as one text, each line after its service's name:
 *
 *     backend  │ GET /health 200
 *
 * One write a chunk, of bytes as they came: the unfinished end of a chunk is kept until its line is complete, the prefix is
 * put before every line. Lines of two services are never mixed. A line that stays unfinished (a prompt) is shown by `idle`;
 * its rest follows on the same line unless another service has written in between.
 */
import type { OutputEvent } from '../model/event.ts';
import { Area } from './area.ts';
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
  /** Whole lines, but for unfinished ones that `idle` shows. Resolves when the bytes may be written over. */
  write(bytes: Uint8Array): Promise<unknown>;
}

/** More is shown as an unfinished line, so that a line without an end does not grow in memory. */
const TAIL_BYTES = 64 * 1024;
const LF = 0x0a;
const LINE_FEED = Uint8Array.of(LF);
const NOTHING = new Uint8Array(0);

interface Source {
  readonly prefix: Uint8Array;
  readonly filter: LineFilter | null;
  /** The unfinished line, as far as it was not shown. */
  tail: Uint8Array[];
  tailBytes: number;
}

export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #sources = new Map<string, Source>();
  readonly #cells: number;
  /** Whose unfinished line the output ends with. */
  #open: Source | null = null;
  /** For the next writes; those under way have theirs. */
  readonly #spare: Area[] = [];

  constructor(options: LogStreamOptions) {
    this.#options = options;
    this.#cells = Math.max(0, ...options.names.map((name) => width(harmless(name))));
  }

  push(event: Pick<OutputEvent, 'service' | 'stream' | 'bytes'>): void {
    const source = this.#source(event.service, event.stream);
    const bytes = Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.byteLength);
    // A character a byte, so that bytes pass a filter untouched.
    this.#take(source, source.filter ? Buffer.from(source.filter.filter(bytes.toString('latin1')), 'latin1') : bytes);
  }

  /** True while a line is held back; then call `idle` when nothing came for 200 ms. */
  get holds(): boolean {
    for (const source of this.#sources.values()) if (source.tailBytes > 0) return true;
    return false;
  }

  /** Shows unfinished lines: a question without a line feed may wait for an answer. */
  idle(): void {
    for (const source of this.#sources.values()) if (source.tailBytes > 0) this.#showUnfinished(source);
  }

  /** Before anything else is written to the same terminal: an unfinished line gets its line feed. */
  breakLine(): void {
    if (!this.#open) return;
    this.#open = null;
    this.#write((area) => area.put(LINE_FEED));
  }

  /** Everything that is still held, each as a line of its own: the services are over, or the view is. */
  end(): void {
    for (const source of this.#sources.values()) {
      if (source.filter) this.#take(source, Buffer.from(source.filter.flush(), 'latin1'));
      if (source.tailBytes > 0) this.#take(source, LINE_FEED);
    }
    this.breakLine();
  }

  #take(source: Source, bytes: Uint8Array): void {
    const end = bytes.lastIndexOf(LF);
    if (end !== -1) {
      this.#write((area) => {
        this.#begin(source, area);
        area.putPrefixed(bytes.subarray(0, end), source.prefix);
        area.put(LINE_FEED);
      });
      this.#open = null;
    }
    if (end + 1 < bytes.length) {
      const rest = new Uint8Array(bytes.subarray(end + 1));
      source.tail.push(rest);
      source.tailBytes += rest.length;
    }
    if (source.tailBytes > TAIL_BYTES) this.#showUnfinished(source);
  }

  #showUnfinished(source: Source): void {
    this.#write((area) => this.#begin(source, area));
    this.#open = source;
  }

  /** What was held of this source, and before it: nothing on its own open line, else perhaps a line feed, and its prefix. */
  #begin(source: Source, area: Area): void {
    if (this.#open !== source) {
      if (this.#open) area.put(LINE_FEED);
      area.put(source.prefix);
    }
    for (const piece of source.tail) area.put(piece);
    source.tail = [];
    source.tailBytes = 0;
  }

  #write(fill: (area: Area) => void): void {
    const area = this.#spare.pop() ?? new Area();
    area.clear();
    fill(area);
    void this.#options.write(area.bytes).then(() => {
      if (!area.isLarge) this.#spare.push(area);
    });
  }

  #source(service: string, stream: 'stdout' | 'stderr'): Source {
    const key = `${stream} ${service}`;
    let source = this.#sources.get(key);
    if (!source) {
      source = { prefix: this.#prefixOf(service), filter: this.#options.filter(service, stream), tail: [], tailBytes: 0 };
      this.#sources.set(key, source);
    }
    return source;
  }

  /** The colour begins with a reset: what a service left on must not run into the next line. */
  #prefixOf(service: string): Uint8Array {
    if (!this.#options.prefix) return NOTHING;
    const text = `${padEnd(harmless(service), this.#cells)} │ `;
    const place = Math.max(0, this.#options.names.indexOf(service));
    const code = PREFIX_CODES[place % PREFIX_CODES.length];
    const painted = this.#options.colour ? `\x1b[0;${code}m${text}\x1b[0m` : text;
    return Buffer.from(painted);
  }
}
