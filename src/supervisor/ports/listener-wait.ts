/**
 * Waits for listeners, for all services that are starting at once. The kernel keeps a count of its sockets, and reading
 * it costs a few hundredths of a millisecond: so it is asked every millisecond at first, and only when it has changed is
 * the table read, once for all. A socket that opens while another one closes does not change the count, so the table is
 * read at the end of each wait as well. Nor does the count show a socket that was open before it was first read, so the
 * table is read once for each service that starts to wait.
 */
import type { ListenSocket, Machine } from '../../machine/machine.ts';

interface Waiting {
  readonly ports: ReadonlySet<number>;
  /** One of the ports had no listener then. */
  readonly freeAtMs: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** The table has been read for it. */
  wasRead: boolean;
  readonly resolve: (sockets: readonly ListenSocket[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Between two polls: a part of the time for which the youngest has been waiting. */
const PAUSE = { least: 1, most: 25, ofWaited: 0.1 };

const SOMEBODY_CAME = new Error('somebody else waits as well');

export class ListenerWait {
  readonly #machine: Machine;
  readonly #waiting = new Set<Waiting>();
  /** As of the last poll. */
  #count: string | null = null;
  #countedAtMs = Number.POSITIVE_INFINITY;
  #pausing: AbortController | null = null;
  #running = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** False: this system keeps no count. */
  get available(): boolean {
    return this.#machine.socketCount() !== null;
  }

  /**
   * The sockets as soon as each of the ports has one, else null after `ms`. Rejects when aborted. `freeAtMs`: a moment at
   * which not all of them had one, such as that before a spawn; now, if it is left out.
   */
  wait(ports: Iterable<number>, ms: number, signal: AbortSignal, freeAtMs?: number): Promise<readonly ListenSocket[] | null> {
    return new Promise((resolve, reject) => {
      const now = this.#machine.clock.now();
      const leave = () => waiting.reject(signal.reason);
      const waiting: Waiting = {
        ports: new Set(ports),
        freeAtMs: freeAtMs ?? now,
        sinceMs: now,
        untilMs: now + ms,
        wasRead: false,
        resolve: (sockets) => {
          this.#waiting.delete(waiting);
          signal.removeEventListener('abort', leave);
          resolve(sockets);
        },
        reject: (error) => {
          this.#waiting.delete(waiting);
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(waiting);
      this.#pausing?.abort(SOMEBODY_CAME);
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
      // In the same turn as the check of the set: a wait that begins from now on starts a new run.
      this.#running = false;
    }
  }

  async #poll(): Promise<void> {
    const { clock } = this.#machine;
    const count = this.#machine.socketCount();
    const now = clock.now();
    const waiting = [...this.#waiting];
    const isOld = ({ freeAtMs, wasRead, untilMs }: Waiting) => now < untilMs && (wasRead || freeAtMs >= this.#countedAtMs);
    if (count === this.#count && waiting.every(isOld)) return;
    this.#count = count;
    this.#countedAtMs = now;
    for (const one of waiting) one.wasRead = true;
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
    const youngest = Math.min(...waiting.map(({ sinceMs }) => now - sinceMs));
    const left = Math.min(...waiting.map(({ untilMs }) => untilMs - now));
    return Math.min(left, PAUSE.most, Math.max(PAUSE.least, youngest * PAUSE.ofWaited));
  }
}
