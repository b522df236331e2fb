/**
 * A service's output on its way: raw bytes to the log first, then to the ring for "its last 20 lines", to the patterns
 * that readiness waits for, and to the events. The pipes are always drained; they pause only when a reader that must not
 * lose a byte (our own stdout as a pipe or file) asks for it.
 */
import type { Readable } from 'node:stream';
import { LogFile } from '../logs/file.ts';
import { Ring } from '../logs/ring.ts';
import type { EventLog } from '../model/event-log.ts';

export interface OutputOptions {
  readonly service: string;
  readonly folder: string;
  readonly events: EventLog;
  readonly wallTime: () => number;
}

const RING_BYTES = 64 * 1024;
const MATCH_BYTES = 64 * 1024;

export class Output {
  readonly #options: OutputOptions;
  readonly #log: LogFile;
  readonly #ring = new Ring(RING_BYTES);
  readonly #pipes = new Set<Readable>();
  readonly #patterns = new Map<string, { readonly pattern: RegExp; found: boolean }>();
  readonly #waiting = new Set<() => void>();
  #tail = '';
  /** Some pattern has not been seen yet. */
  #searching = false;
  #paused = false;

  constructor(options: OutputOptions) {
    this.#options = options;
    const { service, events } = options;
    this.#log = new LogFile({
      folder: options.folder,
      service,
      now: options.wallTime,
      onProblem: (errno, file) => events.append({ type: 'notice', service, notice: { kind: 'log-degraded', errno, file } }),
      onRestored: (file) => events.append({ type: 'notice', service, notice: { kind: 'log-restored', file } }),
    });
  }

  /** A new run of the service: patterns count from here. */
  attach(stdout: Readable, stderr: Readable, patterns: readonly { readonly source: string; readonly flags: string }[]): void {
    this.#tail = '';
    this.#patterns.clear();
    for (const { source, flags } of patterns) {
      this.#patterns.set(`/${source}/${flags}`, { pattern: new RegExp(source, flags.replace(/[gy]/g, '')), found: false });
    }
    this.#searching = patterns.length > 0;
    this.#drain(stdout, 'stdout');
    this.#drain(stderr, 'stderr');
  }

  logged(source: string, flags: string): boolean {
    return this.#patterns.get(`/${source}/${flags}`)?.found ?? false;
  }

  /** Resolves when a pattern was found that was not before. */
  nextMatch(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  lastLines(count: number): readonly string[] {
    return this.#ring.lastLines(count);
  }

  /** What the pipes still hold after an exit; bounded, since an orphan may keep them open. */
  async drained(sleep: (ms: number) => Promise<void>, limitMs: number): Promise<void> {
    const ended = [...this.#pipes].map((pipe) => new Promise<void>((resolve) => pipe.once('close', () => resolve())));
    await Promise.race([Promise.all(ended), sleep(limitMs)]);
  }

  /** Resolves when what was appended is on disk: a reader that tails the file sees all of it. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  async close(): Promise<void> {
    for (const pipe of this.#pipes) pipe.destroy();
    await this.#log.close();
  }

  #drain(pipe: Readable, stream: 'stdout' | 'stderr'): void {
    this.#pipes.add(pipe);
    pipe.on('data', (bytes: Buffer) => this.#push(stream, bytes));
    pipe.on('error', () => pipe.destroy());
    pipe.once('close', () => this.#pipes.delete(pipe));
    if (this.#paused) pipe.pause();
  }

  #push(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    const { service, events } = this.#options;
    const offset = this.#log.append(bytes);
    this.#ring.push(bytes);
    if (this.#searching) this.#match(bytes);
    events.append({ type: 'output', service, stream, bytes, offset });
    if (!this.#paused && events.blocked()) this.#pauseUntilDrained();
  }

  #pauseUntilDrained(): void {
    this.#paused = true;
    for (const pipe of this.#pipes) pipe.pause();
    const stop = this.#options.events.onDrain(() => {
      stop();
      this.#paused = false;
      for (const pipe of this.#pipes) pipe.resume();
    });
  }

  #match(bytes: Buffer): void {
    const lines = (this.#tail + bytes.toString('utf8')).split(/\r?\n/);
    this.#tail = (lines.at(-1) ?? '').slice(-MATCH_BYTES);
    let found = false;
    for (const entry of this.#patterns.values()) {
      if (entry.found || !lines.some((line) => entry.pattern.test(line))) continue;
      entry.found = true;
      found = true;
    }
    if (!found) return;
    this.#searching = [...this.#patterns.values()].some((entry) => !entry.found);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
