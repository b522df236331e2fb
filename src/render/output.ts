/**
 * devup's own stdout or stderr.
 *
 * A pipe or file receives every byte: `write` resolves once the reader has caught up. A terminal that stops reading (Ctrl-S,
 * a selection) must not stop the services: one write is in flight and the rest waits in a bounded queue. Beyond its limit,
 * lines are dropped, and their number is shown once the terminal reads again. Node's writes to terminals are synchronous and
 * would block the event loop, so terminals are written by file descriptor in the thread pool.
 *
 * A reader that goes away (`devup logs | head -1`) aborts `closed`; it never causes a crash.
 */
import { write } from 'node:fs';
import type { Writable } from 'node:stream';
import { errnoOf } from '../model/errno.ts';
import { dropped } from './words/notices.ts';

export interface OutputOptions {
  /** process.stdout or process.stderr. */
  readonly stream: Writable & { readonly fd?: number };
  readonly isTerminal: boolean;
  /** The limit of a terminal's queue. */
  readonly queueBytes?: number;
}

const QUEUE_BYTES = 1024 * 1024;
/** A pipe holds 64 KiB; waiting for each write would wake its reader needlessly. */
const AHEAD_BYTES = 256 * 1024;
/** EPIPE: the pipe's reader is gone. EIO: the terminal is gone. The others: the stream is already closed. */
const GONE: readonly string[] = ['EPIPE', 'EIO', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

export class Output {
  readonly #stream: Writable;
  /** The terminal's descriptor; null for a pipe or file. */
  readonly #fd: number | null;
  readonly #isTerminal: boolean;
  readonly #queueBytes: number;
  readonly #closing = new AbortController();
  #queue: Buffer[] = [];
  #queued = 0;
  #droppedLines = 0;
  #inFlight: Promise<void> | null = null;
  #pending: Promise<void> = Promise.resolve();
  /** Bytes being written to a pipe or file. */
  #sending = 0;
  readonly #writes = new Set<() => void>();
  readonly #drainWaiters: (() => void)[] = [];

  constructor(options: OutputOptions) {
    this.#stream = options.stream;
    this.#isTerminal = options.isTerminal;
    this.#fd = options.isTerminal ? (options.stream.fd ?? null) : null;
    this.#queueBytes = options.queueBytes ?? QUEUE_BYTES;
    this.closed.addEventListener('abort', () => {
      for (const done of this.#writes) done();
    });
    this.#stream.on('error', (error) => this.#failed(error));
    this.#stream.on('close', () => this.#closing.abort());
  }

  /** Aborted when the reader is gone. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Resolves when the bytes may be overwritten: for a terminal at once, for a pipe or file when the system has taken them.
   * Never rejects; after `closed`, bytes are discarded. Writes keep their order whether or not they are awaited.
   */
  write(text: string | Uint8Array): Promise<void> {
    if (text.length === 0 || this.closed.aborted) return Promise.resolve();
    if (this.#isTerminal) {
      this.#enqueue(Buffer.from(text));
      return Promise.resolve();
    }
    this.#pending = this.#send(text);
    return this.#pending;
  }

  /** Resolves when few bytes are being written. A producer of much output awaits this, so that nothing piles up. */
  drained(): Promise<void> {
    if (this.#sending <= AHEAD_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Resolves when everything is written or the reader is gone. To be awaited before the process exits. */
  async flush(): Promise<void> {
    await this.#pending;
    while (this.#inFlight && !this.closed.aborted) await this.#inFlight;
  }

  #enqueue(bytes: Buffer): void {
    if (this.#queued + bytes.length > this.#queueBytes || this.#droppedLines > 0) {
      // Once a line is dropped, all later lines are dropped until the notice is shown, so that the notice stands where the gap is.
      this.#droppedLines += Math.max(1, countLines(bytes));
    } else {
      this.#queue.push(bytes);
      this.#queued += bytes.length;
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#inFlight) return;
    const batch = this.#nextBatch();
    if (!batch) return;
    this.#inFlight = this.#sendToTerminal(batch).then(() => {
      this.#inFlight = null;
      if (!this.closed.aborted) this.#pump();
    });
  }

  #nextBatch(): Buffer | null {
    if (this.#queue.length === 0 && this.#droppedLines > 0) {
      const notice = `… ${dropped(this.#droppedLines, null)}\n`;
      this.#droppedLines = 0;
      return Buffer.from(notice);
    }
    if (this.#queue.length === 0) return null;
    const batch = this.#queue.length === 1 ? (this.#queue[0] as Buffer) : Buffer.concat(this.#queue, this.#queued);
    this.#queue = [];
    this.#queued = 0;
    return batch;
  }

  /** Resolves in the write's own callback, when the stream no longer refers to the bytes. */
  #send(text: string | Uint8Array): Promise<void> {
    const { length } = text;
    this.#sending += length;
    return new Promise((resolve) => {
      const done = () => {
        if (!this.#writes.delete(done)) return;
        this.#sending -= length;
        resolve();
        if (this.#sending <= AHEAD_BYTES) for (const drained of this.#drainWaiters.splice(0)) drained();
      };
      this.#writes.add(done);
      this.#stream.write(text, (error) => {
        if (error) this.#failed(error);
        done();
      });
    });
  }

  #sendToTerminal(bytes: Buffer): Promise<void> {
    const fd = this.#fd;
    if (fd === null) return this.#send(bytes);
    return new Promise((resolve) => {
      const next = (at: number): void => {
        if (at >= bytes.length || this.closed.aborted) {
          resolve();
          return;
        }
        write(fd, bytes, at, bytes.length - at, null, (error, written) => {
          if (!error) return next(at + written);
          if (error.code === 'EINTR') return next(at);
          if (error.code === 'EAGAIN') {
            // Another program has made the terminal non-blocking; the stream can wait for it.
            this.#stream.write(bytes.subarray(at), () => resolve());
            return;
          }
          this.#failed(error);
          resolve();
        });
      };
      next(0);
    });
  }

  /** If the reader is gone, or the disk behind `>` is full, this output ends. Any other error is a bug, and is thrown. */
  #failed(error: Error): void {
    const code = errnoOf(error);
    if (!GONE.includes(code) && !('syscall' in error && error.syscall === 'write')) throw error;
    this.#closing.abort(error);
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
