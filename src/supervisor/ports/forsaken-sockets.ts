/**
 * Notices that a service's socket was left to another process: its owner ended, or closed the socket, while the table of sockets stayed the
 * same. To notice that an owner has ended costs nothing; whether an owner has closed its socket is checked more rarely.
 */
import { hasComeUp } from '../../model/service-state.ts';
import type { Actor } from '../service/actor.ts';

const CALLS_PER_THOROUGH_ONE = 4;

export class ForsakenSockets {
  readonly #actors: ReadonlyMap<string, Actor>;
  #calls = 0;

  constructor(actors: ReadonlyMap<string, Actor>) {
    this.#actors = actors;
  }

  async areThere(): Promise<boolean> {
    const thorough = ++this.#calls % CALLS_PER_THOROUGH_ONE === 0;
    for (const { state, processes } of this.#actors.values()) {
      if (hasComeUp(state.name) && (await processes.isSocketForsaken(thorough))) return true;
    }
    return false;
  }
}
