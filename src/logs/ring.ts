/** The last bytes that a service printed, for "its last 20 lines". Bounded; grows to its limit only as needed. */
import { plainText } from './escapes.ts';

const FIRST_BYTES = 4096;

export class Ring {
  readonly #max: number;
  #buffer: Buffer;
  /** The position of the next byte. */
  #at = 0;
  #length = 0;
  #truncated = false;

  constructor(maxBytes: number) {
    this.#max = Math.max(1, maxBytes);
    this.#buffer = Buffer.alloc(Math.min(FIRST_BYTES, this.#max));
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > this.#max) {
      this.#truncated = true;
      bytes = bytes.subarray(bytes.length - this.#max);
    }
    this.#grow(this.#length + bytes.length);
    if (this.#length + bytes.length > this.#buffer.length) this.#truncated = true;
    const untilEnd = Math.min(bytes.length, this.#buffer.length - this.#at);
    this.#buffer.set(bytes.subarray(0, untilEnd), this.#at);
    this.#buffer.set(bytes.subarray(untilEnd), 0);
    this.#at = (this.#at + bytes.length) % this.#buffer.length;
    this.#length = Math.min(this.#buffer.length, this.#length + bytes.length);
  }

  /**
   * At most `n` lines, oldest first, without line ends. Invalid UTF-8 is replaced, colours are removed, and other control characters
   * become visible. A first line without its beginning is left out unless it is the only one.
   */
  lastLines(n: number): string[] {
    const text = plainText(this.#bytes().toString('utf8'));
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    if (this.#truncated && lines.length > 1) lines.shift();
    return n <= 0 ? [] : lines.slice(-n);
  }

  #bytes(): Buffer {
    const start = (this.#at - this.#length + this.#buffer.length) % this.#buffer.length;
    if (start + this.#length <= this.#buffer.length) return this.#buffer.subarray(start, start + this.#length);
    return Buffer.concat([this.#buffer.subarray(start), this.#buffer.subarray(0, this.#at)]);
  }

  #grow(wanted: number): void {
    if (wanted <= this.#buffer.length || this.#buffer.length === this.#max) return;
    let size = this.#buffer.length;
    while (size < wanted && size < this.#max) size = Math.min(this.#max, size * 2);
    const grown = Buffer.alloc(size);
    const kept = this.#bytes();
    grown.set(kept, 0);
    this.#at = kept.length % size;
    this.#buffer = grown;
  }
}
