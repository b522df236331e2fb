/** Tells what a service that starts slowly printed last, so that a start of a minute is not a silent one. */
import type { Actor } from '../actor.ts';

/** `first`: most services are ready by then. `next`: more often is more than people read. */
const TELL_MS = { first: 5000, next: 1000 };
/** The longer a start takes, the rarer it is told: a task may take hours, and its events are kept. */
const TELL_SHARE = 1 / 20;

export class SlowStart {
  readonly #actor: Actor;
  readonly #beganMs: number;
  #nextMs: number;
  /** The line that was told last; undefined: none yet. */
  #told: string | null | undefined = undefined;

  constructor(actor: Actor, beganMs: number) {
    this.#actor = actor;
    this.#beganMs = beganMs;
    this.#nextMs = beganMs + TELL_MS.first;
  }

  /** Call it every now and then: it tells only a line that has changed. */
  tell(now: number): void {
    if (now < this.#nextMs) return;
    this.#nextMs = now + Math.max(TELL_MS.next, (now - this.#beganMs) * TELL_SHARE);
    const { context, processes, service } = this.#actor;
    const { lastLine } = processes.output;
    if (lastLine === this.#told) return;
    this.#told = lastLine;
    const afterMs = Math.round(now - this.#beganMs);
    context.events.append({ type: 'notice', service: service.name, notice: { kind: 'still-starting', afterMs, lastLine } });
  }

  /** Tells until the signal is aborted. */
  async tellAlways(signal: AbortSignal): Promise<never> {
    const { clock } = this.#actor.context.machine;
    for (;;) {
      await clock.sleep(Math.max(0, this.#nextMs - clock.now()), signal);
      this.tell(clock.now());
    }
  }
}
