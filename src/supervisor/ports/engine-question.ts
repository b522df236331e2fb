/**
 * Asks a container engine about sockets. The engine's command takes tens of milliseconds, so the engine is asked again only about another
 * socket, or at intervals that double as long as the sockets are the same.
 */
import type { ListenSocket } from '../../machine/machine.ts';

const PAUSE_MS = { first: 250, most: 60_000 };

export class EngineQuestion {
  #asked: { readonly sockets: string; readonly waitMs: number; readonly nextMs: number; readonly answer: Promise<void> } | null = null;

  /** Runs `question` if it is due. Resolves when the last question has been answered. */
  async ask(sockets: readonly ListenSocket[], nowMs: number, question: () => Promise<void>): Promise<void> {
    const key = sockets
      .map(({ handle }) => handle)
      .sort()
      .join();
    const before = this.#asked?.sockets === key ? this.#asked : null;
    if (before && nowMs < before.nextMs) return before.answer;
    const waitMs = before ? Math.min(before.waitMs * 2, PAUSE_MS.most) : PAUSE_MS.first;
    const answer = question();
    this.#asked = { sockets: key, waitMs, nextMs: nowMs + waitMs, answer };
    await answer;
  }
}
