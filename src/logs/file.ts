/**
 * The log of one service in one session: its raw bytes, exactly and in order. `append` only queues, and one write at a time goes to
 * disk. The log never takes a service down: when the disk is full or the file cannot be opened, that is reported once, and bytes are
 * dropped (but counted in the offsets) until a later attempt succeeds.
 */
import { releaseBuffer, retainBuffer } from '../model/buffer-pool.ts';
import { errnoOf } from '../model/errno.ts';
import { entrySpanMs } from './index-file.ts';
import { logPath } from './names.ts';
import { Part } from './part.ts';

const DEFAULT_CAP_BYTES = 50 * 1024 * 1024;
/**
 * A stalled disk loses log lines rather than filling the memory. Callers that can pause their source do so long before this limit
 * (`backlogBytes`).
 */
const QUEUE_BYTES = 16 * 1024 * 1024;
/** The same limit for a flood of tiny chunks. */
const QUEUE_CHUNKS = 100_000;
const BATCH_BYTES = 1024 * 1024;
/** During a flood, a write waits until this much is queued or this long has passed, since each write wakes a thread. */
const GATHER_LIMIT = { bytes: 512 * 1024, ms: 5 };
/** A batch of this size indicates a flood. */
const FLOOD_BYTES = 64 * 1024;
/** The longest index entry; this much of a part is reserved for an entry. */
const ENTRY_BYTES = 64;
/** A log of `capBytes` consists of this many parts: more parts stay closer to the cap, fewer rotate less often. */
const PARTS = 5;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export interface LogFileOptions {
  readonly folder: string;
  readonly service: string;
  /** Limit for all parts of this service together, indexes included. */
  readonly capBytes?: number;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Must reject when aborted. Without it, every write begins as soon as it can. */
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
  /** Called once per period of trouble with an errno such as `ENOSPC`; `ENOBUFS` if the disk cannot keep up. */
  onProblem(errno: string, file: string): void;
  onRestored(file: string): void;
}

const ENOUGH_GATHERED = new Error('enough was gathered');

interface Pending {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly atMs: number;
}

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #partCap: number;
  readonly #keep: number;
  readonly #session: string;
  readonly file: string;
  #queue: Pending[] = [];
  #queued = 0;
  #offset = 0;
  #part: Part | null = null;
  /** Number of index entries in the current part. */
  #entries = 0;
  #lastEntryMs = Number.NEGATIVE_INFINITY;
  /** The session offset of the file's next byte; a chunk with another offset follows dropped bytes. */
  #expected = 0;
  #trouble: { readonly retryAtMs: number; readonly delayMs: number; readonly sinceMs: number } | null = null;
  #overflowing = false;
  #working: Promise<void> | null = null;
  #closed = false;
  #flooded = false;
  /** Aborted when enough is queued, or when a caller waits for the queue. */
  #gathering: AbortController | null = null;
  /** Number of calls to `flush` in progress. */
  #flushing = 0;
  readonly #waiting = new Set<{ readonly bytes: number; readonly resolve: () => void }>();

  /** Begins the session's log at once, so that a reader never mistakes the previous session's log for it. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    const cap = options.capBytes ?? DEFAULT_CAP_BYTES;
    this.#partCap = Math.max(1, Math.floor(cap / PARTS));
    this.#keep = cap - this.#partCap;
    this.#session = options.now().toString(36);
    this.file = logPath(options.folder, options.service, 0);
    this.#work();
  }

  /**
   * Retains the bytes until they are written (see the buffer pool). Returns the offset at which they begin, counted over the whole
   * session.
   */
  append(bytes: Uint8Array): number {
    const offset = this.#offset;
    if (this.#closed || bytes.length === 0) return offset;
    this.#offset += bytes.length;
    if (this.#queued + bytes.length > QUEUE_BYTES || this.#queue.length >= QUEUE_CHUNKS) {
      if (!this.#overflowing && !this.#trouble) this.#options.onProblem('ENOBUFS', this.file);
      this.#overflowing = true;
      return offset;
    }
    retainBuffer(bytes);
    this.#queue.push({ bytes, offset, atMs: this.#options.now() });
    this.#queued += bytes.length;
    if (this.#queued >= GATHER_LIMIT.bytes) this.#gathering?.abort(ENOUGH_GATHERED);
    this.#work();
    return offset;
  }

  /** Bytes that wait for the disk. A caller that pauses its source while this is large loses nothing. */
  get backlogBytes(): number {
    return this.#queued;
  }

  /** Resolves when at most this many bytes wait for the disk; dropped bytes do not count. */
  backlogBelow(bytes: number): Promise<void> {
    if (this.#queued <= bytes) return Promise.resolve();
    this.#gathering?.abort(ENOUGH_GATHERED);
    return new Promise((resolve) => this.#waiting.add({ bytes, resolve }));
  }

  /** Resolves when everything appended before has been passed to the system, or dropped. */
  async flush(): Promise<void> {
    this.#flushing++;
    this.#gathering?.abort(ENOUGH_GATHERED);
    while (this.#working) await this.#working;
    this.#flushing--;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    const part = this.#part;
    this.#part = null;
    try {
      await part?.close();
    } catch (error) {
      const errno = errnoOf(error);
      this.#options.onProblem(errno, this.file);
    }
  }

  #work(): void {
    if (this.#working) return;
    this.#working = this.#drain().finally(() => {
      this.#working = null;
      if (this.#queue.length > 0) this.#work();
    });
  }

  async #drain(): Promise<void> {
    do {
      if (this.#trouble && !this.#retryIsDue(this.#trouble)) {
        this.#drop();
        return;
      }
      try {
        await this.#gather();
        await this.#writeBatch();
        this.#recovered();
      } catch (error) {
        const errno = errnoOf(error);
        this.#degrade(errno);
      }
    } while (this.#queue.length > 0);
  }

  async #gather(): Promise<void> {
    const { sleep } = this.#options;
    // A caller that waits for room has paused its source, so there is nothing more to gather.
    if (!sleep || !this.#flooded || this.#queued >= GATHER_LIMIT.bytes || this.#flushing > 0 || this.#waiting.size > 0) return;
    const gathering = new AbortController();
    this.#gathering = gathering;
    await sleep(GATHER_LIMIT.ms, gathering.signal).catch((reason: unknown) => {
      if (reason !== ENOUGH_GATHERED) throw reason;
    });
    this.#gathering = null;
  }

  async #writeBatch(): Promise<void> {
    const first = this.#queue[0];
    let part = this.#part;
    const full = part !== null && part.position > 0 && part.bytes + ENTRY_BYTES >= this.#partCap;
    if (!part || (first && (full || (this.#entryIsDue(first) && (await part.isGone()))))) part = await this.#beginPart();
    if (!first) return;
    if (this.#entryIsDue(first)) {
      await part.writeEntry({ position: part.position, offset: first.offset, atMs: first.atMs });
      this.#entries++;
      this.#lastEntryMs = first.atMs;
      this.#expected = first.offset;
    }
    const room = Math.max(1, Math.min(BATCH_BYTES, this.#partCap - part.bytes));
    const written = await part.write(this.#batch(room));
    this.#flooded = written >= FLOOD_BYTES;
    this.#expected += written;
    this.#consume(written);
  }

  /** Chunks from the head of the queue that belong to one index entry: no gap between them, at most `room` bytes. */
  #batch(room: number): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (const pending of this.#queue) {
      if (pending.offset !== this.#expected + bytes || pending.atMs - this.#lastEntryMs >= entrySpanMs(this.#entries - 1)) break;
      const chunk = pending.bytes.subarray(0, room - bytes);
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= room || chunks.length >= 512) break;
    }
    return chunks;
  }

  #entryIsDue(pending: Pending): boolean {
    if (this.#entries === 0 || pending.offset !== this.#expected) return true;
    const age = pending.atMs - this.#lastEntryMs;
    return age < 0 || age >= entrySpanMs(this.#entries - 1);
  }

  #consume(written: number): void {
    this.#queued -= written;
    let left = written;
    let done = 0;
    while (left > 0) {
      const head = this.#queue[done] as Pending;
      if (head.bytes.length > left) {
        this.#queue[done] = { ...head, bytes: head.bytes.subarray(left), offset: head.offset + left };
        break;
      }
      left -= head.bytes.length;
      releaseBuffer(head.bytes);
      done++;
    }
    if (done > 0) this.#queue.splice(0, done);
    this.#resolveWaiting();
  }

  #resolveWaiting(): void {
    for (const waiter of this.#waiting) {
      if (this.#queued > waiter.bytes) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  async #beginPart(): Promise<Part> {
    const full = this.#part;
    this.#part = null;
    if (full) await full.close();
    this.#entries = 0;
    this.#part = await Part.begin(this.#options.folder, this.#options.service, this.#session, this.#keep);
    return this.#part;
  }

  #degrade(errno: string): void {
    const nowMs = this.#options.now();
    const delayMs = this.#trouble ? Math.min(LAST_RETRY_MS, this.#trouble.delayMs * 2) : FIRST_RETRY_MS;
    if (!this.#trouble && !this.#overflowing) this.#options.onProblem(errno, this.file);
    this.#trouble = { retryAtMs: nowMs + delayMs, delayMs, sinceMs: nowMs };
    this.#drop();
  }

  #recovered(): void {
    const overflowOver = this.#overflowing && this.#queue.length === 0;
    if (!this.#trouble && !overflowOver) return;
    this.#trouble = null;
    this.#overflowing = false;
    this.#options.onRestored(this.file);
  }

  /** If the wall clock was set back, the retry is due at once rather than in hours. */
  #retryIsDue(trouble: { readonly retryAtMs: number; readonly sinceMs: number }): boolean {
    const nowMs = this.#options.now();
    return nowMs >= trouble.retryAtMs || nowMs < trouble.sinceMs;
  }

  #drop(): void {
    for (const { bytes } of this.#queue) releaseBuffer(bytes);
    this.#queue = [];
    this.#queued = 0;
    this.#resolveWaiting();
  }
}
