/**
 * Merges the output of all services, with the service's name before each line:
 *
 *     backend  │ GET /health 200
 *
 * Each chunk is one write of unchanged bytes plus prefixes. The unfinished end of a chunk is held until its line is complete,
 * so lines of two services never mix. `idle` shows a line that stays unfinished (a prompt); its rest follows on the same line
 * unless another service has written in between.
 */
import type { OutputEvent, OutputStream } from '../model/event.ts';
import { harmless } from '../model/harmless.ts';
import { Area } from './area.ts';
import { LineColours, RESET } from './line-colours.ts';
import { PREFIX_CODES } from './style.ts';
import { padEnd, width } from './text.ts';

/** Removes dangerous escape sequences. Takes and returns latin1; may hold back an incomplete sequence. */
export interface LineFilter {
  filter(chunk: string): string;
  /** Whether these bytes would come back unchanged; if so, they count as filtered. */
  passes?(bytes: Uint8Array): boolean;
  flush(): string;
}

export interface LogStreamOptions {
  /** Services in the order of their colours. The longest name sets the prefix's width. */
  readonly names: readonly string[];
  readonly colour: boolean;
  /** Whether to print the service's name before each line. */
  readonly prefix: boolean;
  /** Null: bytes pass unchanged. */
  filter(service: string, stream: OutputStream): LineFilter | null;
  /** Receives whole lines, except for what `idle` shows. Resolves when the bytes may be overwritten. */
  write(bytes: Uint8Array): Promise<unknown>;
}

/** A longer unfinished line is shown at once, so that an endless line does not fill memory. */
const TAIL_BYTES = 64 * 1024;
const LF = 0x0a;
const LINE_FEED = Uint8Array.of(LF);
const NOTHING = new Uint8Array(0);
const END_OF_COLOUR = Buffer.from(RESET);

interface Source {
  readonly prefix: Uint8Array;
  readonly filter: LineFilter | null;
  /** Null if the view has no colours. */
  readonly colours: LineColours | null;
  /** The colour that was on where the line was shown unfinished. It is closed if something else ends that line. */
  resume: Uint8Array;
  /** The part of the unfinished line that is not yet shown. */
  tail: Uint8Array[];
  tailBytes: number;
}

export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #sources = new Map<string, Source>();
  readonly #cells: number;
  /** The source whose unfinished line ends the output. */
  #open: Source | null = null;
  /** Areas that no write in flight uses. */
  readonly #spare: Area[] = [];

  constructor(options: LogStreamOptions) {
    this.#options = options;
    this.#cells = Math.max(0, ...options.names.map((name) => width(harmless(name))));
  }

  push(event: Pick<OutputEvent, 'service' | 'stream' | 'bytes'>): void {
    const source = this.#source(event.service, event.stream);
    const bytes = Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.byteLength);
    // latin1 maps each byte to one character, so bytes survive the filter.
    const passes = !source.filter || source.filter.passes?.(bytes) === true;
    this.#take(source, passes ? bytes : Buffer.from(source.filter?.filter(bytes.toString('latin1')) ?? '', 'latin1'));
  }

  /** Whether a line is held back. If so, call `idle` after 200 ms without output. */
  get holds(): boolean {
    for (const source of this.#sources.values()) if (source.tailBytes > 0) return true;
    return false;
  }

  /** Shows unfinished lines, since such a line may be a prompt that waits for an answer. */
  idle(): void {
    for (const source of this.#sources.values()) if (source.tailBytes > 0) this.#showUnfinished(source);
  }

  /** Ends an unfinished line. To be called before anything else is written to the same terminal. */
  breakLine(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    this.#write((area) => endLine(open, area));
  }

  /** Writes everything still held back, each as its own line. */
  end(): void {
    for (const source of this.#sources.values()) {
      if (source.filter) this.#take(source, Buffer.from(source.filter.flush(), 'latin1'));
      if (source.tailBytes > 0) this.#take(source, LINE_FEED);
    }
    this.breakLine();
  }

  #take(source: Source, taken: Uint8Array): void {
    const bytes = source.colours?.apply(taken) ?? taken;
    const end = bytes.lastIndexOf(LF);
    if (end !== -1) {
      this.#write((area) => {
        this.#begin(source, area);
        area.putPrefixed(bytes.subarray(0, end), source.prefix);
        area.put(LINE_FEED);
      });
      this.#open = null;
      source.resume = NOTHING;
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
    source.resume = Buffer.from(source.colours?.open ?? '');
  }

  /** Continues the source's own open line, or begins a new one with its prefix; then puts what was held back. */
  #begin(source: Source, area: Area): void {
    if (this.#open !== source) {
      if (this.#open) endLine(this.#open, area);
      area.put(source.prefix);
      area.put(source.resume);
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

  #source(service: string, stream: OutputStream): Source {
    const key = `${stream} ${service}`;
    let source = this.#sources.get(key);
    if (!source) {
      source = {
        prefix: this.#prefixOf(service),
        filter: this.#options.filter(service, stream),
        colours: this.#options.colour ? new LineColours() : null,
        resume: NOTHING,
        tail: [],
        tailBytes: 0,
      };
      this.#sources.set(key, source);
    }
    return source;
  }

  /** Begins with a reset: a filter may let something else than a colour through. */
  #prefixOf(service: string): Uint8Array {
    if (!this.#options.prefix) return NOTHING;
    const text = `${padEnd(harmless(service), this.#cells)} │ `;
    const place = Math.max(0, this.#options.names.indexOf(service));
    const code = PREFIX_CODES[place % PREFIX_CODES.length];
    const painted = this.#options.colour ? `\x1b[0;${code}m${text}\x1b[0m` : text;
    return Buffer.from(painted);
  }
}

/** Ends a line that its source has not finished. */
function endLine(source: Source, area: Area): void {
  if (source.resume.length > 0) area.put(END_OF_COLOUR);
  area.put(LINE_FEED);
}
