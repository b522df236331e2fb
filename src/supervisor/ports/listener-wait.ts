/**
 * Waits for the listeners of all services that are starting. The kernel counts its sockets, and reading the count takes a
 * few hundredths of a millisecond, so it is polled, every millisecond at first. The table is read, once for all services,
 * in three cases: the count has changed; a wait ends, since the count does not change when one socket replaces another;
 * or a service starts to wait, since the count does not show sockets that were opened before.
 */
import type { ListenSocket, Machine } from '../../machine/machine.ts';

interface PendingWait {
  readonly ports: ReadonlySet<number>;
  /** A time at which one of the ports had no listener. */
  readonly freeAtMs: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** True once the table has been read for this wait. */
  wasRead: boolean;
  readonly resolve: (sockets: readonly ListenSocket[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds between two polls: a fraction of the time that the newest wait has lasted, within limits. */
const PAUSE = { least: 1, most: 25, ofWaited: 0.1 };

const NEW_WAIT = new Error('a new wait has begun');

export class ListenerWait {
  readonly #machine: Machine;
  readonly #waiting = new Set<PendingWait>();
  /** The socket count as of the last poll. */
  #count: string | null = null;
  #countedAtMs = Number.POSITIVE_INFINITY;
  #pausing: AbortController | null = null;
  #running = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** False: the system does not count its sockets. */
  get available(): boolean {
    return this.#machine.socketCount() !== null;
  }

  /**
   * Resolves with the sockets as soon as each port has a listener, or with null after `ms`; rejects when aborted.
   * `freeAtMs`: a time at which one of the ports had no listener, such as that of the spawn. Default: now.
   */
  wait(ports: Iterable<number>, ms: number, signal: AbortSignal, freeAtMs?: number): Promise<readonly ListenSocket[] | null> {
    return new Promise((resolve, reject) => {
      const now = this.#machine.clock.now();
      const abort = () => waiting.reject(signal.reason);
      const waiting: PendingWait = {
        ports: new Set(ports),
        freeAtMs: freeAtMs ?? now,
        sinceMs: now,
        untilMs: now + ms,
        wasRead: false,
        resolve: (sockets) => {
          this.#waiting.delete(waiting);
          signal.removeEventListener('abort', abort);
          resolve(sockets);
        },
        reject: (error) => {
          this.#waiting.delete(waiting);
          signal.removeEventListener('abort', abort);
          reject(error);
        },
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiting);
      this.#pausing?.abort(NEW_WAIT);
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    const { clock } = this.#machine;
    this.#running = true;
    try {
      while (this.#waiting.size > 0) {
        await this.#poll();
        if (this.#waiting.size === 0) break;
        const pausing = new AbortController();
        this.#pausing = pausing;
        await clock.sleep(this.#pauseMs(), pausing.signal).catch((error: unknown) => {
          if (!pausing.signal.aborted) throw error;
        });
        this.#pausing = null;
      }
    } catch (error) {
      for (const { reject } of [...this.#waiting]) reject(error);
    } finally {
      // Nothing is awaited between the check of the set and this line, so no wait can slip in between and stay unserved.
      this.#running = false;
    }
  }

  async #poll(): Promise<void> {
    const { clock } = this.#machine;
    const count = this.#machine.socketCount();
    const now = clock.now();
    const waiting = [...this.#waiting];
    const needsNoRead = ({ freeAtMs, wasRead, untilMs }: PendingWait) => now < untilMs && (wasRead || freeAtMs >= this.#countedAtMs);
    if (count === this.#count && waiting.every(needsNoRead)) return;
    this.#count = count;
    this.#countedAtMs = now;
    for (const wait of waiting) wait.wasRead = true;
    const sockets = await this.#machine.listenSockets(new Set(waiting.flatMap(({ ports }) => [...ports])));
    for (const { ports, untilMs, resolve } of waiting) {
      const own = sockets.filter(({ port }) => ports.has(port));
      const listening = new Set(own.map(({ port }) => port));
      if (listening.size === ports.size) resolve(own);
      else if (now >= untilMs) resolve(null);
    }
  }

  #pauseMs(): number {
    const now = this.#machine.clock.now();
    const waiting = [...this.#waiting];
    const newestMs = Math.min(...waiting.map(({ sinceMs }) => now - sinceMs));
    const leftMs = Math.min(...waiting.map(({ untilMs }) => untilMs - now));
    return Math.min(leftMs, PAUSE.most, Math.max(PAUSE.least, newestMs * PAUSE.ofWaited));
  }
}
