/**
 * One reader of a session's events, with a queue of its own.
 *
 * A reader that is too slow must not cost more than its queue. Output beyond that is thrown away and counted in one notice
 * at that place; of a reader that blocks nothing is thrown away, and it is `full` until half of its queue is read, so that
 * whoever produces the output pauses meanwhile. Everything but output is kept for every reader.
 *
 * A service that floods must not cost another one its lines: no service may queue more than what it leaves free. So one
 * flood takes half of the queue, two take a third each, and there is always as much room for whoever comes next.
 */

import { ownCopy, releaseBuffer, retainBuffer } from './buffer-pool.ts';
import type { Event, NoticeEvent, OutputEvent } from './event.ts';
import { newlinesOf } from './newlines.ts';
import { OVERHEAD_BYTES } from './output-ring.ts';
import { Queue } from './queue.ts';

/** A notice about output that this reader did not get; it grows while it is the last of the queue. */
interface Drop {
  readonly type: 'dropped';
  readonly services: Set<string>;
  lines: number;
  seq: number;
  atMs: number;
}

export interface EventReaderOptions {
  /** Output queued before it is dropped or blocks. */
  readonly queueBytes: number;
  readonly blocks: boolean;
  /** False: it is not told of output. */
  readonly output: boolean;
  /** It has ended, by itself or by its owner. */
  readonly left: () => void;
  /** It is not `full` any more. */
  readonly drained: () => void;
}

export class EventReader implements AsyncIterableIterator<Event> {
  readonly #options: EventReaderOptions;
  readonly #queue = new Queue<Event | Drop>();
  readonly #waiting: ((result: IteratorResult<Event>) => void)[] = [];
  #queuedBytes = 0;
  readonly #queuedBy = new Map<string, number>();
  #ended = false;
  #stopAbort: (() => void) | null = null;
  /** What was given out since the last was asked for: whoever blocks is lent its bytes until then. */
  readonly #given: Event[] = [];
  /** A blocking reader over its limit, until it has read half of it. */
  full = false;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: Event): void {
    if (event.type === 'output' && !this.#options.output) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ done: false, value: this.#give(this.#kept(event)) });
    else if (event.type === 'output' && !this.#options.blocks && this.#isTooMuch(event)) this.#drop(event);
    else this.#enqueue(this.#kept(event));
  }

  /** Queues without dropping: the ring is bounded already. */
  replay(event: Event): void {
    if (event.type !== 'output' || this.#options.output) this.#enqueue(this.#kept(event));
  }

  next(): Promise<IteratorResult<Event>> {
    this.#takeBack();
    const entry = this.#queue.shift();
    if (entry) {
      if (entry.type === 'dropped') return Promise.resolve({ done: false, value: droppedNotice(entry) });
      this.#count(entry, -1);
      if (this.full && this.#queuedBytes <= this.#options.queueBytes / 2) {
        this.full = false;
        this.#options.drained();
      }
      return Promise.resolve({ done: false, value: this.#give(entry) });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Event>> {
    this.#takeBack();
    this.#abandon();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends after what is queued. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopAbort?.();
    this.#options.left();
    this.full = false;
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
  }

  abortBy(signal: AbortSignal): void {
    // Whoever has an event in hand may still be at work on it.
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
    this.#count(event, 1);
    if (this.#options.blocks && this.#queuedBytes > this.#options.queueBytes) this.full = true;
  }

  /** Lent bytes are held for who blocks, who reads one event after the other; others may keep what they get. */
  #kept(event: Event): Event {
    if (event.type !== 'output') return event;
    if (!this.#options.blocks) return { ...event, bytes: ownCopy(event.bytes) };
    retainBuffer(event.bytes);
    return event;
  }

  #give(event: Event): Event {
    if (this.#options.blocks) this.#given.push(event);
    return event;
  }

  #takeBack(): void {
    for (const event of this.#given) if (event.type === 'output') releaseBuffer(event.bytes);
    this.#given.length = 0;
  }

  #isTooMuch(event: OutputEvent): boolean {
    const own = this.#queuedBy.get(event.service) ?? 0;
    return own + cost(event) > this.#options.queueBytes - this.#queuedBytes;
  }

  #count(event: Event, sign: 1 | -1): void {
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
    drop.lines += newlinesOf(event.bytes);
    drop.seq = event.seq;
    drop.atMs = event.atMs;
  }
}

function cost(event: Event): number {
  return event.type === 'output' ? event.bytes.length + OVERHEAD_BYTES : 0;
}

/** It bears the `seq` of the last event it stands for, so that a reader who resumes after it misses nothing else. */
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
