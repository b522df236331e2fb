/**
 * Our own stdout or stderr. Into a pipe or a file not one byte is lost: `write` resolves when the reader has kept up, and
 * who writes waits for that. A terminal may stop reading (Ctrl-S, a selection) and must not stop the services: one write
 * is in flight, the rest waits in a bounded queue, beyond it lines are dropped and counted, and the count is shown when
 * the terminal reads again. Node writes to terminals synchronously, so a stopped one would freeze the whole loop: terminals
 * are written by file descriptor in the thread pool instead. A reader that went away (`devup logs | head -1`) is a `closed` signal, never a crash.
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
/** Written ahead into a pipe, which takes 64 KiB at once: waiting for each write would wake its reader for nothing. */
const AHEAD_BYTES = 256 * 1024;
/** EPIPE: the reader of the pipe is gone; EIO: the terminal is; the others: the stream is closed already. */
const GONE: readonly string[] = ['EPIPE', 'EIO', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

export class Output {
  readonly #stream: Writable;
  /** The descriptor of a terminal. */
  readonly #fd: number | null;
  readonly #isTerminal: boolean;
  readonly #queueBytes: number;
  readonly #closing = new AbortController();
  #queue: Buffer[] = [];
  #queued = 0;
  #droppedLines = 0;
  #inFlight: Promise<void> | null = null;
  #pending: Promise<void> = Promise.resolve();
  /** Bytes on their way into a pipe or file. */
  #sending = 0;
  readonly #underWay = new Set<() => void>();
  readonly #waiting: (() => void)[] = [];

  constructor(options: OutputOptions) {
    this.#stream = options.stream;
    this.#isTerminal = options.isTerminal;
    this.#fd = options.isTerminal ? (options.stream.fd ?? null) : null;
    this.#queueBytes = options.queueBytes ?? QUEUE_BYTES;
    this.closed.addEventListener('abort', () => {
      for (const done of this.#underWay) done();
    });
    this.#stream.on('error', (error) => this.#failed(error));
    this.#stream.on('close', () => this.#closing.abort());
  }

  /** Aborted when the reader is gone. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Pipe or file: resolves when they are taken over by the reader's side; terminal: at once. Bytes may be written over
   * then. Never rejects: after `closed` they go nowhere. Writes keep their order whether they are awaited or not.
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

  /** Resolves when there is little on the way: who writes much waits for that in between, and nothing piles up. */
  keptUp(): Promise<void> {
    if (this.#sending <= AHEAD_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when everything is written, or the reader is gone. Await it before the process ends. */
  async flush(): Promise<void> {
    await this.#pending;
    while (this.#inFlight && !this.closed.aborted) await this.#inFlight;
  }

  #enqueue(bytes: Buffer): void {
    if (this.#queued + bytes.length > this.#queueBytes || this.#droppedLines > 0) {
      // Once lines are missing, later ones wait for the notice, so that the gap is reported in its place.
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

  /** Resolves by the write's own callback, so it also means that nothing of it is left in our memory. */
  #send(text: string | Uint8Array): Promise<void> {
    const { length } = text;
    this.#sending += length;
    return new Promise((resolve) => {
      const done = () => {
        if (!this.#underWay.delete(done)) return;
        this.#sending -= length;
        resolve();
        if (this.#sending <= AHEAD_BYTES) for (const keptUp of this.#waiting.splice(0)) keptUp();
      };
      this.#underWay.add(done);
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
            // Another program made the terminal non-blocking: the stream knows how to wait for it.
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

  /** A reader that is gone, or a full disk behind `>`: both end this output. Anything else is a bug, and thrown. */
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
