/** A process that a test started: its output so far, waiting for more of it, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { PATIENCE_MS } from './eventually.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The name in its argv, where that differs from the program. */
  readonly argv0?: string;
  /** A session of its own, as a command typed at another terminal has. */
  readonly detached?: boolean;
  readonly uid?: number;
}

export class Running {
  readonly exited: Promise<Exit>;
  readonly command: string;
  /** How it ended, once all its output is here; null until then. */
  ended: Exit | null = null;
  #exit: Exit | null = null;
  #child: ChildProcess;
  #stdout: Buffer[] = [];
  #stderr: Buffer[] = [];
  #listeners = new Set<() => void>();

  constructor(program: string, args: readonly string[], options: SpawnOptions) {
    this.command = [program, ...args].join(' ');
    this.#child = spawn(program, args, { ...options, stdio: 'pipe' });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#heard(this.#stdout, chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#heard(this.#stderr, chunk));
    // A process that no longer reads its input has ended, and `exited` reports that.
    this.#child.stdin?.on('error', () => undefined);
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      // All output is here at `close`, not at `exit`. A surviving child may keep the pipe open; then `exit` counts.
      this.#child.once('exit', (code, signal) => {
        const exit = { code, signal };
        this.#exit = exit;
        const done = () => {
          this.ended = exit;
          this.#tell();
          resolve(exit);
        };
        this.#child.once('close', done);
        // On a busy machine the timer may fire before the pipe's contents are read: one more turn reads them.
        setTimeout(() => setImmediate(() => setImmediate(done)), PIPE_HELD_OPEN_MS).unref();
      });
    });
    this.exited.catch(() => undefined);
  }

  /** Whether the process still runs. Its output may arrive later: see `ended`. */
  get alive(): boolean {
    return this.#exit === null;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.command} was not started`);
    return this.#child.pid;
  }

  get stdout(): string {
    return this.stdoutBytes.toString('utf8');
  }

  get stdoutBytes(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString('utf8');
  }

  /** stdout as NDJSON: every complete line parsed. */
  get lines(): readonly Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The match, in past or future output. Fails when the process ends or the deadline passes without it. */
  waitForOutput(
    pattern: RegExp,
    where: 'stdout' | 'stderr' | 'either' = 'either',
    timeoutMs: number = PATIENCE_MS,
  ): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        act();
      };
      const look = () => {
        const match = (where === 'stderr' ? null : pattern.exec(this.stdout)) ?? (where === 'stdout' ? null : pattern.exec(this.stderr));
        if (match) finish(() => resolve(match));
        else if (this.ended) finish(() => reject(new Error(`it ended without saying ${pattern}\n${this.report()}`)));
      };
      const timer = setTimeout(() => finish(() => reject(new Error(`no ${pattern} in ${timeoutMs} ms\n${this.report()}`))), timeoutMs);
      this.#listeners.add(look);
      look();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Closes stdout, as `| head -1` does after one line. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  /** Stops reading, so that the pipe fills up. */
  pauseOutput(): void {
    this.#child.stdout?.pause();
  }

  resumeOutput(): void {
    this.#child.stdout?.resume();
  }

  report(): string {
    const end = this.#exit ? `exit code ${this.#exit.code}, signal ${this.#exit.signal}` : 'still running';
    return `$ ${this.command}\n(${end})\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`;
  }

  #heard(into: Buffer[], chunk: Buffer): void {
    into.push(chunk);
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** How long the pipes may stay open after the process has ended. */
const PIPE_HELD_OPEN_MS = 2000;
