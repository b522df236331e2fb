/**
 * Time that stands still until a test moves it. `advance` goes from one due moment to the next and lets everything that waits
 * run in between, so that a nested wait ends at its own time. `jump` is a laptop that slept: everything due meanwhile happens
 * late, at once.
 */
import type { Clock } from '../../src/machine/machine.ts';

interface Due {
  readonly at: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now = 1_000_000;
  #suspended = 0;
  #wallAtZero = Date.UTC(2026, 10, 22, 9, 0, 0) - 1_000_000;
  readonly #due = new Set<Due>();

  now(): number {
    return this.#now;
  }

  sinceBoot(): number {
    return this.#now + this.#suspended;
  }

  wallTime(): number {
    return this.#wallAtZero + this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const aborted = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.at(ms, () => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      });
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  async turn(): Promise<void> {}

  /** Runs `run` in `ms`, unless the returned function is called first. */
  at(ms: number, run: () => void): () => void {
    const due = { at: this.#now + Math.max(ms, 0), run };
    this.#due.add(due);
    return () => this.#due.delete(due);
  }

  /** The number of pending waits: 0 when everything has ended. */
  get pending(): number {
    return this.#due.size;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next.at);
      this.#fire(next);
      await settle();
    }
    this.#now = end;
    await settle();
  }

  async jump(ms: number): Promise<void> {
    this.#now += ms;
    for (let next = this.#next(); next !== undefined && next.at <= this.#now; next = this.#next()) this.#fire(next);
    await settle();
  }

  /** A suspend as Linux has it: neither the monotonic clock nor a timer knows of it. */
  suspend(ms: number): void {
    this.#suspended += ms;
    this.#wallAtZero += ms;
  }

  setWallTime(ms: number): void {
    this.#wallAtZero = ms - this.#now;
  }

  /** The earliest; of two at the same moment, the one requested first. */
  #next(): Due | undefined {
    let earliest: Due | undefined;
    for (const due of this.#due) if (earliest === undefined || due.at < earliest.at) earliest = due;
    return earliest;
  }

  #fire(due: Due): void {
    this.#due.delete(due);
    due.run();
  }
}

/** Lets all promises settle that can, and whatever waits for them. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
