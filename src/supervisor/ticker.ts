/** The pulse of a session: one look at all members and ports every few seconds, shared by all services. */
import type { Clock } from '../machine/machine.ts';
import { watchEveryMs } from './failpoint.ts';

export const WATCH_MS = 2500;
/** A tick that comes this much late means that the machine slept. */
const GAP_MS = 5000;

export class Ticker {
  readonly #clock: Clock;
  readonly #onTick: () => Promise<void>;
  readonly #onGap: (gapMs: number) => void;
  readonly #everyMs = watchEveryMs(WATCH_MS);
  readonly #stop = new AbortController();
  #waiting = new Set<() => void>();

  constructor(clock: Clock, onTick: () => Promise<void>, onGap: (gapMs: number) => void) {
    this.#clock = clock;
    this.#onTick = onTick;
    this.#onGap = onGap;
  }

  /** Runs until `end`. */
  async run(): Promise<void> {
    const stopped = this.#stop.signal;
    for (let last = this.#clock.now(); ; last = this.#clock.now()) {
      await this.#clock.sleep(this.#everyMs, stopped).catch((error: unknown) => {
        if (!stopped.aborted) throw error;
      });
      if (stopped.aborted) return;
      const elapsed = this.#clock.now() - last;
      if (elapsed > this.#everyMs + GAP_MS) {
        this.#onGap(elapsed - this.#everyMs);
        continue;
      }
      const began = this.#clock.now();
      await this.#onTick();
      const took = this.#clock.now() - began;
      // It may also fall asleep during a look.
      if (took > GAP_MS) this.#onGap(took);
      const waiting = this.#waiting;
      this.#waiting = new Set();
      for (const resolve of waiting) resolve();
    }
  }

  /** Resolves at the next tick; rejects when aborted. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting;
      const abort = () => {
        waiting.delete(done);
        reject(signal.reason);
      };
      const done = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else waiting.add(done);
    });
  }

  end(): void {
    this.#stop.abort();
  }
}
