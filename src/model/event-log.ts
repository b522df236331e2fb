/**
 * The events of a session: stamped, remembered for a while, and handed to any number of readers.
 *
 *   append ──▶ ring (1 MiB of output, 10,000 other events)      for readers that come later, by `since`
 *         └──▶ one queue per reader ──▶ `for await`              for those that are here
 *
 * A reader that is too slow must not cost more than its queue. With `drop` its output beyond 1 MiB is thrown away and
 * counted in one notice at that place; with `block` nothing is thrown away, and `blocked()` asks whoever produces the
 * output to pause until `onDrain`. Everything but output is kept for every reader.
 *
 * A service that floods must not cost another one its lines: no service may queue more than what it leaves free. So one
 * flood takes half of the queue, two take a third each, and there is always as much room for whoever comes next.
 */
import type { Event, GapEvent, Happening, NoticeEvent, OutputEvent } from './event.ts';
import { hold, owned, release } from './lent.ts';
import { OutputRing, OVERHEAD_BYTES } from './output-ring.ts';
import { Queue } from './queue.ts';
import type { EventsOptions } from './session.ts';

const MIB = 1024 * 1024;

export interface EventLogOptions {
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Output kept for readers that come later. */
  readonly ringBytes?: number;
  /** Events other than output kept for readers that come later. */
  readonly ringEvents?: number;
  /** Output queued per reader before it is dropped or blocks. */
  readonly queueBytes?: number;
}

/** A notice about output that this reader did not get; it grows while it is the last of the queue. */
interface Drop {
  readonly type: 'dropped';
  readonly services: Set<string>;
  lines: number;
  seq: number;
  atMs: number;
}

export class EventLog {
  readonly #wallTime: () => number;
  readonly #ringEvents: number;
  readonly #queueBytes: number;
  readonly #output: OutputRing;
  readonly #others = new Queue<Event>();
  readonly #readers = new Set<Reader>();
  readonly #drainListeners = new Set<() => void>();
  #lastSeq = 0;
  #closed = false;

  constructor(options: EventLogOptions) {
    this.#wallTime = options.wallTime;
    this.#output = new OutputRing(options.ringBytes ?? MIB);
    this.#ringEvents = options.ringEvents ?? 10_000;
    this.#queueBytes = options.queueBytes ?? MIB;
  }

  /** The `seq` of the newest event; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Stamps what happened and hands it on. The bytes of output must not be written to again, unless they are lent (see `lent`). */
  append(happening: Happening): Event {
    const event: Event = { ...happening, seq: ++this.#lastSeq, atMs: this.#wallTime() };
    if (event.type === 'output') this.#output.push(event);
    else {
      this.#others.push(event);
      if (this.#others.size > this.#ringEvents) this.#others.shift();
    }
    for (const reader of this.#readers) reader.push(event);
    return event;
  }

  /**
   * The events after `since` (omitted: from this call on), each once and in order. A `gap` comes first when some of them
   * are no longer remembered. It must be read, left (`break`) or aborted: it queues from this call on. It never throws,
   * can be read once, and ends after `close` or an abort.
   */
  subscribe(options: EventsOptions = {}): AsyncIterable<Event> {
    const reader = new Reader({
      queueBytes: this.#queueBytes,
      blocks: options.pressure === 'block',
      output: options.without !== 'output',
      left: () => this.#leave(reader),
      drained: () => this.#tellDrained(),
    });
    for (const event of options.since === undefined ? [] : this.#since(options.since)) reader.replay(event);
    if (this.#closed) reader.close();
    else this.#readers.add(reader);
    if (options.signal) reader.abortBy(options.signal);
    return reader;
  }

  /** True while a blocking reader has more queued than it should: pause the services' output. */
  blocked(): boolean {
    for (const reader of this.#readers) if (reader.full) return true;
    return false;
  }

  /** Calls back each time that `blocked()` has become false. Returns what takes the listener off again. */
  onDrain(listener: () => void): () => void {
    this.#drainListeners.add(listener);
    return () => this.#drainListeners.delete(listener);
  }

  /** Nothing more will happen: every reader ends after what it has queued. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) reader.close();
  }

  /** Both rings merged by `seq`, after a `gap` if some are missing. */
  #since(since: number): readonly Event[] {
    const from = Math.min(Math.max(since, 0), this.#lastSeq);
    const kept = [...this.#output.after(from), ...this.#others.after((event) => event.seq > from)].sort((a, b) => a.seq - b.seq);
    const missed = this.#lastSeq - from - kept.length;
    if (missed === 0) return kept;
    const gap: GapEvent = { type: 'gap', missed, seq: (kept[0]?.seq ?? this.#lastSeq + 1) - 1, atMs: this.#wallTime() };
    return [gap, ...kept];
  }

  #leave(reader: Reader): void {
    const wasBlocked = reader.full;
    if (this.#readers.delete(reader) && wasBlocked) this.#tellDrained();
  }

  #tellDrained(): void {
    if (!this.blocked()) for (const listener of [...this.#drainListeners]) listener();
  }
}

interface ReaderOptions {
  readonly queueBytes: number;
  readonly blocks: boolean;
  readonly output: boolean;
  /** It has ended, by itself or by its owner. */
  readonly left: () => void;
  readonly drained: () => void;
}

class Reader implements AsyncIterableIterator<Event> {
  readonly #options: ReaderOptions;
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

  constructor(options: ReaderOptions) {
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
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) if (entry.type === 'output') release(entry.bytes);
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
    if (!this.#options.blocks) return { ...event, bytes: owned(event.bytes) };
    hold(event.bytes);
    return event;
  }

  #give(event: Event): Event {
    if (this.#options.blocks) this.#given.push(event);
    return event;
  }

  #takeBack(): void {
    for (const event of this.#given) if (event.type === 'output') release(event.bytes);
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

let counted: { readonly bytes: Uint8Array; readonly lines: number } | null = null;

/** Counted once, however many readers drop the chunk. */
function newlinesOf(bytes: Uint8Array): number {
  if (counted?.bytes !== bytes) counted = { bytes, lines: countNewlines(bytes) };
  return counted.lines;
}

const NO_WORDS = new Uint32Array(0);

/** Four bytes at a time: a dropped flood of 500 MB/s must not cost more than it did to produce. */
function countNewlines(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const head = length < 8 ? length : (4 - (byteOffset & 3)) & 3;
  const words = (length - head) >> 2;
  const view = words === 0 ? NO_WORDS : new Uint32Array(buffer, byteOffset + head, words);
  let count = 0;
  for (let i = 0; i < head; i++) if (bytes[i] === 10) count++;
  for (let i = 0; i < words; i++) {
    // A byte of `other` is zero where the chunk has a newline; the next line leaves 0x80 exactly there.
    const other = (view[i] as number) ^ 0x0a0a0a0a;
    let zeros = ~(((other & 0x7f7f7f7f) + 0x7f7f7f7f) | other) & 0x80808080;
    for (; zeros !== 0; zeros &= zeros - 1) count++;
  }
  for (let i = head + words * 4; i < length; i++) if (bytes[i] === 10) count++;
  return count;
}
