/**
 * One reader of a session's events, with its own queue.
 *
 * A slow reader costs no more memory than its queue. Output beyond that is dropped, and a notice in its place counts the lines. Nothing is
 * dropped for a blocking reader: it is `full` until half of its queue is read, and the producer pauses meanwhile. Events other than output
 * are always kept.
 *
 * A flood from one service must not cost another its lines: a service may queue no more than it leaves free. So one flood takes half of the
 * queue, two take a third each, and the next service has as much room.
 */

import { ownCopy, releaseBuffer, retainBuffer } from './buffer-pool.ts';
import type { Event, NoticeEvent, OutputEvent } from './event.ts';
import { countNewlines } from './newlines.ts';
import { OVERHEAD_BYTES } from './output-ring.ts';
import { Queue } from './queue.ts';

/** A notice about dropped output. It grows while it is the last entry of the queue. */
interface Drop {
  readonly type: 'dropped';
  readonly services: Set<string>;
  lines: number;
  seq: number;
  atMs: number;
}

export interface EventReaderOptions {
  /** Limit of queued output before output is dropped, or before the reader blocks. */
  readonly queueBytes: () => number;
  readonly blocks: boolean;
  /** False: output is not delivered. */
  readonly output: boolean;
  /** Called when the reader has ended, by itself or by a call of `close`. */
  readonly onEnd: () => void;
  /** Called when the reader is no longer `full`. */
  readonly onDrain: () => void;
}

export class EventReader implements AsyncIterableIterator<Event> {
  readonly #options: EventReaderOptions;
  readonly #queue = new Queue<Event | Drop>();
  readonly #waiting: ((result: IteratorResult<Event>) => void)[] = [];
  #queuedBytes = 0;
  readonly #queuedBy = new Map<string, number>();
  #ended = false;
  #stopAbort: (() => void) | null = null;
  /** Events handed out since the last `next()`: a blocking reader retains their bytes until it asks for more. */
  readonly #handedOut: Event[] = [];
  /** True for a blocking reader over its limit, until it has read half of its queue. */
  full = false;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** `kept` is the event for a reader that does not block: its bytes never change. */
  push(event: Event, kept: () => Event): void {
    if (event.type === 'output' && !this.#options.output) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ done: false, value: this.#handOut(this.#retained(event, kept)) });
    else if (event.type === 'output' && !this.#options.blocks && this.#exceedsShare(event)) this.#drop(event);
    else this.#enqueue(this.#retained(event, kept));
  }

  /** Queued output that counts towards the limit of all readers. */
  get sharedBytes(): number {
    return this.#options.blocks ? 0 : this.#queuedBytes;
  }

  /** Queues without dropping: the log chooses what is replayed. */
  replay(event: Event): void {
    if (event.type !== 'output' || this.#options.output) this.#enqueue(this.#retained(event, () => ownEvent(event)));
  }

  next(): Promise<IteratorResult<Event>> {
    this.#releaseHandedOut();
    const entry = this.#queue.shift();
    if (entry) {
      if (entry.type === 'dropped') return Promise.resolve({ done: false, value: droppedNotice(entry) });
      this.#addToQueued(entry, -1);
      if (this.full && this.#queuedBytes <= this.#options.queueBytes() / 2) {
        this.full = false;
        this.#options.onDrain();
      }
      return Promise.resolve({ done: false, value: this.#handOut(entry) });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Event>> {
    this.#releaseHandedOut();
    this.#abandon();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the reader after the events it has queued. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopAbort?.();
    this.#options.onEnd();
    this.full = false;
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
  }

  abortBy(signal: AbortSignal): void {
    // The last event handed out keeps its bytes, since the reader may still be using it.
    const abort = () => this.#abandon();
    if (signal.aborted) abort();
    if (this.#ended) return;
    signal.addEventListener('abort', abort, { once: true });
    this.#stopAbort = () => signal.removeEventListener('abort', abort);
  }

  #abandon(): void {
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) if (entry.type === 'output') releaseBuffer(entry.bytes);
    this.#queuedBytes = 0;
    this.#queuedBy.clear();
    this.close();
  }

  #enqueue(event: Event): void {
    this.#queue.push(event);
    this.#addToQueued(event, 1);
    if (this.#options.blocks && this.#queuedBytes > this.#options.queueBytes()) this.full = true;
  }

  /** A blocking reader reads one event after the other, so it retains the pooled bytes; the others share a copy. */
  #retained(event: Event, kept: () => Event): Event {
    if (event.type !== 'output') return event;
    if (!this.#options.blocks) return kept();
    retainBuffer(event.bytes);
    return event;
  }

  #handOut(event: Event): Event {
    if (this.#options.blocks) this.#handedOut.push(event);
    return event;
  }

  #releaseHandedOut(): void {
    for (const event of this.#handedOut) if (event.type === 'output') releaseBuffer(event.bytes);
    this.#handedOut.length = 0;
  }

  #exceedsShare(event: OutputEvent): boolean {
    const own = this.#queuedBy.get(event.service) ?? 0;
    return own + cost(event) > this.#options.queueBytes() - this.#queuedBytes;
  }

  #addToQueued(event: Event, sign: 1 | -1): void {
    if (event.type !== 'output') return;
    this.#queuedBytes += sign * cost(event);
    this.#queuedBy.set(event.service, (this.#queuedBy.get(event.service) ?? 0) + sign * cost(event));
  }

  #drop(event: OutputEvent): void {
    let drop = this.#queue.last();
    if (drop?.type !== 'dropped') {
      drop = { type: 'dropped', services: new Set(), lines: 0, seq: 0, atMs: 0 };
      this.#queue.push(drop);
    }
    drop.services.add(event.service);
    drop.lines += countNewlines(event.bytes);
    drop.seq = event.seq;
    drop.atMs = event.atMs;
  }
}

export function cost(event: Event): number {
  return event.type === 'output' ? event.bytes.length + OVERHEAD_BYTES : 0;
}

/** The notice has the `seq` of the last dropped event, so that a reader that resumes there misses nothing else. */
function droppedNotice(drop: Drop): NoticeEvent {
  const [first, ...more] = drop.services;
  return {
    type: 'notice',
    service: more.length === 0 ? (first ?? null) : null,
    notice: { kind: 'output-dropped', lines: Math.max(1, drop.lines) },
    seq: drop.seq,
    atMs: drop.atMs,
  };
}

/** The event with bytes that never change. */
export function ownEvent(event: Event): Event {
  return event.type === 'output' ? { ...event, bytes: ownCopy(event.bytes) } : event;
}
