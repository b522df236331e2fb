/**
 * Tells a listener that accepts nothing from one that is busy. A reloader keeps its listening socket while its worker is dead, so clients
 * still connect, and wait forever. A healthy busy server also has a queue at most moments, so two reads of its length prove nothing. Three
 * facts together do: connections wait, every one of them still waits seconds later, and at neither time was an accepted connection open,
 * which a worker may be busy with.
 */
import type { OtherSocket } from '../../../machine/machine.ts';
import type { Listeners } from '../../ports/listeners.ts';

/** The shortest time between the two reads. */
const APART_MS = 5000;

interface Look {
  readonly atMs: number;
  readonly waiting: ReadonlySet<string>;
  /** True if an accepted connection was open. */
  readonly serving: boolean;
}

/** `unclear`: connections wait, and only another read can show more. */
export type QueueVerdict = 'moving' | 'stuck' | 'unclear';

export class AcceptQueue {
  readonly #port: number;
  readonly #listeners: Pick<Listeners, 'connections'>;
  #look: Look | null = null;

  constructor(port: number, listeners: Pick<Listeners, 'connections'>) {
    this.#port = port;
    this.#listeners = listeners;
  }

  /** `queued`: whether connections wait at the port now. */
  async judge(queued: boolean, nowMs: number): Promise<QueueVerdict> {
    if (!queued) this.#look = null;
    if (!queued) return 'moving';
    const before = this.#look;
    if (before && nowMs - before.atMs < APART_MS) return 'unclear';
    const look = lookAt(await this.#listeners.connections([this.#port]), nowMs);
    const verdict = compare(before, look);
    // The first read is kept, so that the verdict holds until something moves.
    if (verdict !== 'stuck') this.#look = look;
    return verdict;
  }
}

function lookAt(sockets: readonly OtherSocket[], atMs: number): Look {
  const waiting = sockets.filter(({ state }) => state === 'queued').map(({ address, port, remote }) => `${address} ${port} ${remote}`);
  return { atMs, waiting: new Set(waiting), serving: sockets.some(({ handle }) => handle !== null) };
}

function compare(before: Look | null, now: Look): QueueVerdict {
  if (now.serving) return 'moving';
  if (!before || before.serving || before.waiting.size === 0) return 'unclear';
  const still = [...before.waiting].filter((connection) => now.waiting.has(connection));
  return still.length === before.waiting.size ? 'stuck' : still.length === 0 ? 'moving' : 'unclear';
}
