/**
 * The pulse of a session: one look at all members and ports every few seconds, shared by all services. Whoever saw nothing
 * amiss at one tick may wait for the next that has news.
 */
import type { Clock } from '../../machine/machine.ts';
import { watchEveryMs } from '../service/failpoint.ts';

export const WATCH_MS = 2500;
/** A tick that comes this much late means that the machine slept. */
const GAP_MS = 5000;

interface Waiting {
  /** The news at which all was well: only later ones are waited for. Null: any tick. */
  readonly healthyAt: number | null;
  readonly resolve: (news: number) => void;
}

export class Ticker {
  readonly #clock: Clock;
  /** False: nothing can have changed since the last tick. */
  readonly #onTick: () => Promise<boolean>;
  readonly #onGap: (gapMs: number) => void;
  readonly #everyMs = watchEveryMs(WATCH_MS);
  readonly #stop = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #tick = 0;
  /** The last tick that had news. */
  #news = 0;

  constructor(clock: Clock, onTick: () => Promise<boolean>, onGap: (gapMs: number) => void) {
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
      const news = await this.#onTick();
      const took = this.#clock.now() - began;
      // It may also fall asleep during a look.
      if (took > GAP_MS) this.#onGap(took);
      this.#tell(news);
    }
  }

  /**
   * Resolves at the next tick, with the number of the last that had news; rejects when aborted. `healthyAt`: such a number, at which
   * nothing was amiss, so that a tick without news since then would say the same again.
   */
  next(signal: AbortSignal, healthyAt: number | null = null): Promise<number> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        healthyAt,
        resolve: (news) => {
          signal.removeEventListener('abort', abort);
          resolve(news);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else this.#waiting.add(waiting);
    });
  }

  end(): void {
    this.#stop.abort();
  }

  #tell(news: boolean): void {
    this.#tick += 1;
    if (news) this.#news = this.#tick;
    for (const waiting of [...this.#waiting]) {
      // Whoever was still looking at the last news has not seen them.
      if (waiting.healthyAt === this.#news) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(this.#news);
    }
  }
}
