/**
 * The events of a session: stamped, kept for a while, and delivered to any number of readers.
 *
 *   append ──▶ ring (1 MiB of output, 10,000 other events)      for readers that join later, by `since`
 *         └──▶ one queue per reader ──▶ `for await`              for current readers
 */
import type { Event, GapEvent, OutputEvent, UnstampedEvent } from './event.ts';
import { cost, EventReader, ownEvent } from './event-reader.ts';
import { OutputRing } from './output-ring.ts';
import { Queue } from './queue.ts';
import type { EventsOptions } from './session.ts';

const MIB = 1024 * 1024;
/** Output queued for all readers that do not block; each has an equal share of it, up to its own limit. */
const ALL_QUEUES_BYTES = 16 * MIB;
/** A replay takes at most this part of what the queues of all readers leave free, so that the next reader also gets some. */
const REPLAY_PART = 1 / 16;

export interface EventLogOptions {
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Output kept for readers that join later. */
  readonly ringBytes?: number;
  /** Number of events other than output kept for readers that join later. */
  readonly ringEvents?: number;
  /** Output queued per reader before it is dropped or blocks. */
  readonly queueBytes?: number;
}

export class EventLog {
  readonly #wallTime: () => number;
  readonly #ringEvents: number;
  readonly #queueBytes: number;
  readonly #output: OutputRing;
  readonly #others = new Queue<Event>();
  readonly #readers = new Set<EventReader>();
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

  /** Stamps an event and delivers it. Output bytes must not be modified afterwards, unless they come from the buffer pool. */
  append(unstamped: UnstampedEvent): Event {
    const event: Event = { ...unstamped, seq: ++this.#lastSeq, atMs: this.#wallTime() };
    if (event.type === 'output') this.#output.push(event);
    else {
      this.#others.push(event);
      if (this.#others.size > this.#ringEvents) this.#others.shift();
    }
    if (this.#readers.size > 0) {
      // Readers that may keep it for long share one copy, made when the first of them takes it.
      let copy: Event | null = null;
      const kept = () => (copy ??= ownEvent(event));
      for (const reader of this.#readers) reader.push(event, kept);
    }
    return event;
  }

  /**
   * Yields the events after `since` (omitted: after this call), each once and in order. A `gap` comes first if some of these events are no
   * longer kept, or if their output exceeds what this reader may queue: the newest output is replayed. Events are queued from this call on, so the caller must read the iterable, leave it (`break`) or abort it. It never
   * throws, can be read once, and ends after `close` or an abort.
   */
  subscribe(options: EventsOptions = {}): AsyncIterable<Event> {
    const reader = new EventReader({
      queueBytes: () => Math.min(this.#queueBytes, options.pressure === 'block' ? this.#queueBytes : ALL_QUEUES_BYTES / this.#readers.size),
      blocks: options.pressure === 'block',
      output: options.without !== 'output',
      onEnd: () => this.#leave(reader),
      onDrain: () => this.#notifyDrained(),
    });
    if (options.since !== undefined) {
      const limit = options.pressure === 'block' || options.without === 'output' ? Number.POSITIVE_INFINITY : this.#replayBytes();
      for (const event of this.#since(options.since, limit)) reader.replay(event);
    }
    if (this.#closed) reader.close();
    else this.#readers.add(reader);
    if (options.signal) reader.abortBy(options.signal);
    return reader;
  }

  /** Whether a blocking reader is over its limit; the services' output is to be paused meanwhile. */
  blocked(): boolean {
    for (const reader of this.#readers) if (reader.full) return true;
    return false;
  }

  /** Calls `listener` each time that `blocked()` becomes false. Returns a function that removes the listener. */
  onDrain(listener: () => void): () => void {
    this.#drainListeners.add(listener);
    return () => this.#drainListeners.delete(listener);
  }

  /** Ends every reader after the events it has queued. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) reader.close();
  }

  /** Output that a new reader that does not block may queue at once. */
  #replayBytes(): number {
    let free = ALL_QUEUES_BYTES;
    for (const reader of this.#readers) free -= reader.sharedBytes;
    return Math.min(this.#queueBytes, free * REPLAY_PART);
  }

  /** Both rings merged by `seq`, output only up to the limit, preceded by a `gap` if events are missing. */
  #since(since: number, outputBytes: number): readonly Event[] {
    const from = Math.min(Math.max(since, 0), this.#lastSeq);
    const kept = [...newest(this.#output.after(from), outputBytes), ...this.#others.after((event) => event.seq > from)].sort(
      (a, b) => a.seq - b.seq,
    );
    const missed = this.#lastSeq - from - kept.length;
    if (missed === 0) return kept;
    const gap: GapEvent = { type: 'gap', missed, seq: (kept[0]?.seq ?? this.#lastSeq + 1) - 1, atMs: this.#wallTime() };
    return [gap, ...kept];
  }

  #leave(reader: EventReader): void {
    const wasBlocked = reader.full;
    if (this.#readers.delete(reader) && wasBlocked) this.#notifyDrained();
  }

  #notifyDrained(): void {
    if (!this.blocked()) for (const listener of [...this.#drainListeners]) listener();
  }
}

/** The last events that together cost no more than the limit. */
function newest(events: readonly OutputEvent[], limit: number): readonly OutputEvent[] {
  let first = events.length;
  for (let left = limit; first > 0; first--) {
    left -= cost(events[first - 1] as OutputEvent);
    if (left < 0) break;
  }
  return events.slice(first);
}
