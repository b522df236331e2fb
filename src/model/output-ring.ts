/**
 * The newest output of a session, for readers that come later. The bytes are copied: a chunk that is kept by reference
 * outlives several rounds of the garbage collector, and a flood of such chunks costs tens of megabytes.
 */
import type { OutputEvent } from './event.ts';
import { Queue } from './queue.ts';

/** What an event costs beside its bytes, so that a flood of one-byte chunks is bounded as well. */
export const OVERHEAD_BYTES = 128;

const FIRST_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array(0);

interface Entry {
  /** Its bytes stand in the ring. */
  readonly event: OutputEvent;
  readonly length: number;
  /** Of its first byte, counted over all that ever was pushed. */
  readonly at: number;
}

export class OutputRing {
  readonly #most: number;
  readonly #entries = new Queue<Entry>();
  #buffer = NO_BYTES;
  #cost = 0;
  /** Where the oldest byte and the next one stand. */
  #first = 0;
  #next = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  push(event: OutputEvent): void {
    const { bytes } = event;
    const { length } = bytes;
    const at = this.#next;
    this.#next += length;
    this.#entries.push({ event: { ...event, bytes: NO_BYTES }, length, at });
    this.#cost += length + OVERHEAD_BYTES;
    while (this.#cost > this.#most) {
      const gone = this.#entries.shift() as Entry;
      this.#cost -= gone.length + OVERHEAD_BYTES;
      this.#first = gone.at + gone.length;
    }
    if (this.#first > at || length === 0) return;
    this.#reserve(this.#next - this.#first, at);
    this.#write(this.#buffer, at, bytes);
  }

  after(seq: number): OutputEvent[] {
    return this.#entries
      .after(({ event }) => event.seq > seq)
      .map(({ event, at, length }) => ({ ...event, bytes: this.#read(at, length) }));
  }

  #read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (length === 0) return bytes;
    const start = at % this.#buffer.length;
    const untilEnd = Math.min(length, this.#buffer.length - start);
    bytes.set(this.#buffer.subarray(start, start + untilEnd));
    bytes.set(this.#buffer.subarray(0, length - untilEnd), untilEnd);
    return bytes;
  }

  #write(buffer: Uint8Array, at: number, bytes: Uint8Array): void {
    const start = at % buffer.length;
    const untilEnd = Math.min(bytes.length, buffer.length - start);
    buffer.set(bytes.subarray(0, untilEnd), start);
    buffer.set(bytes.subarray(untilEnd), 0);
  }

  /** Grows to its bound only when there is that much; `until`: what is in it already ends there. */
  #reserve(wanted: number, until: number): void {
    if (wanted <= this.#buffer.length) return;
    let size = Math.max(FIRST_BYTES, this.#buffer.length);
    while (size < wanted) size *= 2;
    const grown = new Uint8Array(Math.min(size, this.#most));
    if (until > this.#first) this.#write(grown, this.#first, this.#read(this.#first, until - this.#first));
    this.#buffer = grown;
  }
}
