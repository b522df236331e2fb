/**
 * Searches a service's output for patterns, line by line. A chunk may end within a line or a character; stdout and stderr
 * are separate texts. A pattern may match a line with or without its colour codes. A pattern that may take long is tested in a thread:
 * its line is found a moment later.
 */
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { BoundedExpression } from '../../logs/bounded-expression.ts';
import type { OutputStream } from '../../model/event.ts';

/** An unfinished line is kept up to this length, from its end. */
const TAIL_CHARS = 64 * 1024;
/** Lines that wait for the thread; beyond, the oldest are not searched. */
const WAITING_CHARS = 1024 * 1024;

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

interface StreamText {
  readonly decoder: StringDecoder;
  tail: string;
}

export class LogPatterns {
  readonly #patterns: ReadonlyMap<string, Pattern>;
  readonly #readings = new Map<OutputStream, StreamText>();

  constructor(patterns: readonly { readonly source: string; readonly flags: string }[], sleep: Sleep) {
    this.#patterns = new Map(patterns.map((one) => [key(one.source, one.flags), new Pattern(one, sleep)]));
  }

  /** `endless`: not found, and it took too long for a line. */
  found(source: string, flags: string): boolean | 'endless' {
    const pattern = this.#patterns.get(key(source, flags));
    return pattern?.found || (pattern?.isEndless ? 'endless' : false);
  }

  read(stream: OutputStream, bytes: Uint8Array): void {
    const open = [...this.#patterns.values()].filter((pattern) => pattern.isOpen);
    if (open.length === 0) return;
    const reading = this.#readings.get(stream) ?? { decoder: new StringDecoder('utf8'), tail: '' };
    this.#readings.set(stream, reading);
    const lines = (reading.tail + reading.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))).split(/\r?\n/);
    reading.tail = (lines.at(-1) ?? '').slice(-TAIL_CHARS);
    const plain = lines.filter((line) => line.includes('\u001b') || line.includes('\u009b')).map(stripVTControlCharacters);
    for (const pattern of open) pattern.search([...lines, ...plain]);
  }

  /** No more output follows; lines that were read are still searched. */
  end(): void {
    for (const pattern of this.#patterns.values()) void pattern.end();
  }

  /** Ends the searches. */
  async close(): Promise<void> {
    await Promise.all([...this.#patterns.values()].map((pattern) => pattern.close()));
  }
}

class Pattern {
  readonly #expression: BoundedExpression;
  #waiting: string[] = [];
  #searching = false;
  #ended = false;
  found = false;

  constructor(expression: { readonly source: string; readonly flags: string }, sleep: Sleep) {
    this.#expression = new BoundedExpression(expression, sleep);
  }

  get isOpen(): boolean {
    return !this.found && !this.#expression.isGivenUp;
  }

  get isEndless(): boolean {
    return this.#expression.hasOverrun;
  }

  search(lines: readonly string[]): void {
    const atOnce = this.#expression.testAtOnce(lines);
    if (atOnce) this.found = this.found || atOnce.includes(true);
    else {
      this.#waiting.push(...lines);
      this.#bound();
      void this.#searchInThread();
    }
  }

  async end(): Promise<void> {
    this.#ended = true;
    if (!this.#searching) await this.close();
  }

  close(): Promise<void> {
    return this.#expression.close();
  }

  async #searchInThread(): Promise<void> {
    if (this.#searching) return;
    this.#searching = true;
    while (this.isOpen && this.#waiting.length > 0) {
      const results = await this.#expression.test(this.#waiting.splice(0));
      this.found = this.found || results.includes(true);
    }
    this.#searching = false;
    if (!this.isOpen || this.#ended) await this.close();
  }

  #bound(): void {
    let chars = this.#waiting.reduce((sum, { length }) => sum + length, 0);
    while (chars > WAITING_CHARS) chars -= this.#waiting.shift()?.length ?? chars;
  }
}

function key(source: string, flags: string): string {
  return `/${source}/${flags}`;
}
