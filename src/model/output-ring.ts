/**
 * The newest output of a session, for readers that join later. The bytes are copied: chunks kept by reference survive several garbage
 * collections, and a flood of them costs tens of megabytes.
 */
import type { OutputEvent } from './event.ts';
import { Queue } from './queue.ts';

/** Cost of an event besides its bytes, so that a flood of one-byte chunks is bounded as well. */
export const OVERHEAD_BYTES = 128;

const FIRST_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array(0);

interface Entry {
  /** The event without its bytes, which are in the ring. */
  readonly event: OutputEvent;
  readonly length: number;
  /** Position of its first byte, counted over all bytes ever pushed. */
  readonly at: number;
}

export class OutputRing {
  readonly #maxBytes: number;
  readonly #entries = new Queue<Entry>();
  #buffer = NO_BYTES;
  #cost = 0;
  /** Positions of the oldest byte and of the next one. */
  #first = 0;
  #next = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(event: OutputEvent): void {
    const { bytes } = event;
    const { length } = bytes;
    const at = this.#next;
    this.#next += length;
    this.#entries.push({ event: { ...event, bytes: NO_BYTES }, length, at });
    this.#cost += length + OVERHEAD_BYTES;
    while (this.#cost > this.#maxBytes) {
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

  /** Grows the buffer only as needed, up to the limit. `until`: where the bytes that the ring holds already end. */
  #reserve(wanted: number, until: number): void {
    if (wanted <= this.#buffer.length) return;
    let size = Math.max(FIRST_BYTES, this.#buffer.length);
    while (size < wanted) size *= 2;
    const grown = new Uint8Array(Math.min(size, this.#maxBytes));
    if (until > this.#first) this.#write(grown, this.#first, this.#read(this.#first, until - this.#first));
    this.#buffer = grown;
  }
}
