/**
 * The periodic timer of a session: one poll of all members and ports every few seconds, shared by all services. A watch that has found
 * nothing wrong can skip the ticks without a change.
 */
import type { Clock } from '../../machine/machine.ts';
import { watchEveryMs } from '../service/failpoint.ts';

export const WATCH_MS = 2500;
/** A tick that is this late shows that the machine was suspended. */
const GAP_MS = 5000;

interface Waiting {
  /** The number of a change after which nothing was wrong: only a later change resolves the wait. Null: the next tick does. */
  readonly healthyAt: number | null;
  readonly resolve: (changedAt: number) => void;
}

export class Ticker {
  readonly #clock: Clock;
  /** Resolves with false if nothing can have changed since the last tick. */
  readonly #onTick: () => Promise<boolean>;
  readonly #onGap: (gapMs: number) => void;
  readonly #everyMs = watchEveryMs(WATCH_MS);
  readonly #stop = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #tick = 0;
  /** The number of the last tick with a change. */
  #changedAt = 0;

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
      const hasChanged = await this.#onTick();
      const took = this.#clock.now() - began;
      // The machine may also have been suspended during the poll.
      if (took > GAP_MS) this.#onGap(took);
      this.#tell(hasChanged);
    }
  }

  /**
   * Resolves at the next tick, with the number of the last tick that had a change; rejects when aborted. With `healthyAt`,
   * the number of a change after which nothing was wrong, ticks are skipped until there is a later change.
   */
  nextTick(signal: AbortSignal, healthyAt: number | null = null): Promise<number> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        healthyAt,
        resolve: (changedAt) => {
          signal.removeEventListener('abort', abort);
          resolve(changedAt);
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

  #tell(hasChanged: boolean): void {
    this.#tick += 1;
    if (hasChanged) this.#changedAt = this.#tick;
    for (const waiting of [...this.#waiting]) {
      // A watch that was busy during the last change has an older number, and is resolved now.
      if (waiting.healthyAt === this.#changedAt) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(this.#changedAt);
    }
  }
}
