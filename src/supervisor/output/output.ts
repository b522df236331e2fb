/**
 * Passes a service's output on: raw bytes to the log, then to the ring of its last lines, to the patterns that readiness waits for, and to
 * the events. The pipes are read without pause, with two exceptions: a reader that must not lose a byte (devup's stdout as a pipe or file)
 * has fallen behind, or too many bytes wait in memory for the log's disk. If the disk stalls, part of the log is lost instead, since no
 * service may hang because of a disk.
 */
import { LogFile } from '../../logs/file.ts';
import { Ring } from '../../logs/ring.ts';
import type { Clock } from '../../machine/machine.ts';
import { releaseBuffer, takeBuffer } from '../../model/buffer-pool.ts';
import type { OutputStream } from '../../model/event.ts';
import type { EventLog } from '../../model/event-log.ts';
import { FirstError } from './first-error.ts';
import { LogPatterns } from './log-patterns.ts';
import type { Pipe } from './pipe.ts';

export interface ServiceOutputOptions {
  readonly service: string;
  readonly folder: string;
  readonly events: EventLog;
  readonly wallTime: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const RING_BYTES = 64 * 1024;
/** After a start, only this much more output is searched for an error: later errors say little about why the service ended. */
const SEARCHED_BYTES = 1024 * 1024;
/** Frameworks print blank lines below their messages. */
const LINES_SEARCHED = 20;
/** Longer than a line of a terminal. */
const LINE_CHARS = 400;
/** The pipes pause when `most` bytes wait for the disk, and go on when `least` do. */
const BACKLOG_BYTES = { most: 4 * 1024 * 1024, least: 2 * 1024 * 1024 };
/** A disk that needs longer than this to catch up counts as stalled. */
const DISK_PATIENCE_MS = 1000;

export class ServiceOutput {
  readonly #options: ServiceOutputOptions;
  readonly #log: LogFile;
  readonly #ring = new Ring(RING_BYTES);
  readonly #pipes = new Set<Pipe>();
  #patterns: LogPatterns;
  #firstError = new FirstError();
  /** The output that is still to be searched for an error. */
  #searchBytes = Number.POSITIVE_INFINITY;
  /** This run has printed something. */
  #hasPrinted = false;
  #paused = false;
  #diskStalled = false;

  constructor(options: ServiceOutputOptions) {
    this.#options = options;
    const { service, events } = options;
    this.#patterns = new LogPatterns([], options.sleep);
    this.#log = new LogFile({
      folder: options.folder,
      service,
      now: options.wallTime,
      sleep: options.sleep,
      onProblem: (errno, file) => events.append({ type: 'notice', service, notice: { kind: 'log-degraded', errno, file } }),
      onRestored: (file) => events.append({ type: 'notice', service, notice: { kind: 'log-restored', file } }),
    });
  }

  /** Begins a new run of the service; `patterns` are searched for in its output only. `stderr` is null if `stdout` carries both. */
  attach(stdout: Pipe, stderr: Pipe | null, patterns: readonly { readonly source: string; readonly flags: string }[]): void {
    void this.#patterns.close();
    this.#patterns = new LogPatterns(patterns, this.#options.sleep);
    this.#firstError = new FirstError();
    this.#searchBytes = Number.POSITIVE_INFINITY;
    this.#hasPrinted = false;
    this.#drain(stdout, stderr ? 'stdout' : 'merged', this.#patterns);
    if (stderr) this.#drain(stderr, 'stderr', this.#patterns);
  }

  /** Whether a line of this run matches. `endless`: none does so far, and the pattern takes too long for one. */
  logged(source: string, flags: string): boolean | 'endless' {
    return this.#patterns.found(source, flags);
  }

  lastLines(count: number): readonly string[] {
    return this.#ring.lastLines(count);
  }

  /** The last line of this run that is not blank, even if it is unfinished; null if the run has printed nothing. */
  get lastLine(): string | null {
    if (!this.#hasPrinted) return null;
    const line = this.#ring.lastLines(LINES_SEARCHED).findLast((line) => line.trim() !== '');
    return line?.slice(0, LINE_CHARS) ?? null;
  }

  /** The first line of this run that reads like an error; null if none does. To be called when no more output is expected. */
  findFirstError(): string | null {
    this.#firstError.end();
    return this.#firstError.line;
  }

  /** The service is ready: bounds the search for an error. */
  startIsOver(): void {
    if (this.#searchBytes === Number.POSITIVE_INFINITY) this.#searchBytes = SEARCHED_BYTES;
  }

  /** Resolves when the pipes have ended, at the latest after `limitMs`: an orphan may keep them open after the service's exit. */
  async drained(clock: Clock, limitMs: number): Promise<void> {
    if (this.#pipes.size === 0) return;
    const over = new AbortController();
    const limit = clock.sleep(limitMs, over.signal).catch(() => undefined);
    const ended = [...this.#pipes].map((pipe) => new Promise<void>((resolve) => pipe.onClose(resolve)));
    await Promise.race([Promise.all(ended), limit]);
    over.abort();
  }

  /** Resolves when the log file has all output so far, so that a reader who follows the file sees it. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  async close(): Promise<void> {
    for (const pipe of this.#pipes) pipe.destroy();
    await this.#patterns.close();
    await this.#log.close();
  }

  #drain(pipe: Pipe, stream: OutputStream, patterns: LogPatterns): void {
    this.#pipes.add(pipe);
    pipe.onClose(() => {
      this.#pipes.delete(pipe);
      if (this.#pipes.size === 0) this.#patterns.end();
    });
    pipe.read((bytes) => this.#push(stream, bytes, patterns));
    if (this.#paused) pipe.pause();
  }

  #push(stream: OutputStream, read: Uint8Array, patterns: LogPatterns): void {
    const { service, events } = this.#options;
    const bytes = takeBuffer(read);
    const offset = this.#log.append(bytes);
    this.#ring.push(bytes);
    patterns.read(stream, bytes);
    this.#hasPrinted = true;
    if (this.#searchBytes > 0) {
      this.#searchBytes -= bytes.length;
      this.#firstError.read(stream, bytes);
    }
    events.append({ type: 'output', service, stream, bytes, offset });
    releaseBuffer(bytes);
    if (this.#log.backlogBytes <= BACKLOG_BYTES.least) this.#diskStalled = false;
    if (!this.#paused && (events.blocked() || this.#diskIsBehind())) void this.#pause();
  }

  async #pause(): Promise<void> {
    this.#paused = true;
    for (const pipe of this.#pipes) pipe.pause();
    await Promise.all([this.#untilReadersCatchUp(), this.#untilDiskCatchesUp()]);
    this.#paused = false;
    for (const pipe of this.#pipes) pipe.resume();
  }

  #untilReadersCatchUp(): Promise<void> {
    const { events } = this.#options;
    if (!events.blocked()) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = events.onDrain(() => {
        stop();
        resolve();
      });
    });
  }

  #diskIsBehind(): boolean {
    return !this.#diskStalled && this.#log.backlogBytes > BACKLOG_BYTES.most;
  }

  async #untilDiskCatchesUp(): Promise<void> {
    if (!this.#diskIsBehind()) return;
    const over = new AbortController();
    const givingUp = this.#options.sleep(DISK_PATIENCE_MS, over.signal).then(
      () => {
        this.#diskStalled = true;
      },
      () => undefined,
    );
    await Promise.race([this.#log.backlogBelow(BACKLOG_BYTES.least), givingUp]);
    over.abort();
  }
}
