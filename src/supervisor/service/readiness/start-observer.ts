/**
 * Reports what a service does before it is ready, so that a start of a minute is not silent: it listens on another port, a process below it
 * ends and is started again, or it printed a new last line.
 */

import { isTask } from '../../../model/service.ts';
import type { Replaced } from '../../../model/unmet.ts';
import type { Actor } from '../actor.ts';
import { portsInstead } from './not-ready.ts';
import { ReplacedProcesses } from './replaced-processes.ts';

const EXAMINE_MS = 500;
/**
 * A listener on another port is reported after this long, if the examination before found it, too: a slow server may open another port
 * first.
 */
const PORTS_INSTEAD_MS = 2000;
/** `first`: most services are ready by then. `next`: more often is more than people read. */
const LAST_LINE_MS = { first: 5000, next: 1000 };
/** The longer a start takes, the more rarely its last line is reported: a task may take hours, and its events are kept. */
const LAST_LINE_SHARE = 1 / 20;

export class StartObserver {
  readonly #actor: Actor;
  readonly #signal: AbortSignal;
  readonly #beganMs: number;
  /** Null for a task, which may run one command many times on purpose. */
  readonly #processes: ReplacedProcesses | null;
  #replaced: Replaced | null = null;
  /** The ports that the last examination found; null once they are reported. */
  #portsInstead: string | null = '';
  /** The line that was reported last; undefined: none yet. */
  #lastLine: string | null | undefined = undefined;
  #lastLineAtMs: number;

  constructor(actor: Actor, signal: AbortSignal) {
    const { service, context } = actor;
    this.#actor = actor;
    this.#signal = signal;
    this.#beganMs = actor.spawned?.clockMs ?? context.machine.clock.now();
    this.#processes = isTask(service) ? null : new ReplacedProcesses(context.machine);
    this.#lastLineAtMs = this.#beganMs + LAST_LINE_MS.first;
  }

  /** The processes that end and are started again, as of the last examination. */
  get replaced(): Replaced | null {
    return this.#replaced;
  }

  /** Rejects when the signal is aborted. */
  async run(): Promise<never> {
    const { clock } = this.#actor.context.machine;
    for (;;) {
      await clock.sleep(EXAMINE_MS, this.#signal);
      if (this.#processes) await this.#examine(this.#processes);
      if (this.#signal.aborted) throw this.#signal.reason;
      this.#tellLastLine(clock.now());
    }
  }

  async #examine(processes: ReplacedProcesses): Promise<void> {
    const { service, context, processes: own } = this.#actor;
    await context.tracker.scan();
    const found = this.#portsInstead === null ? null : await portsInstead(this.#actor);
    const now = context.machine.clock.now();
    const replaced = await processes.look(own.membership.members, now);
    if (this.#signal.aborted) return;
    if (this.#portsInstead !== null) {
      const text = found ? `${found.port}: ${found.ports.join()}` : '';
      const isStable = found !== null && text === this.#portsInstead && now - this.#beganMs > PORTS_INSTEAD_MS;
      this.#portsInstead = isStable ? null : text;
      if (isStable) context.events.append({ type: 'port', service: service.name, action: 'listens-elsewhere', holders: [], ...found });
    }
    const isNew = this.#replaced === null;
    this.#replaced = replaced ?? this.#replaced;
    if (replaced && isNew)
      context.events.append({ type: 'notice', service: service.name, notice: { kind: 'keeps-restarting', ...replaced } });
  }

  /** Reports only a line that has changed. */
  #tellLastLine(now: number): void {
    if (now < this.#lastLineAtMs) return;
    const afterMs = Math.round(now - this.#beganMs);
    this.#lastLineAtMs = now + Math.max(LAST_LINE_MS.next, afterMs * LAST_LINE_SHARE);
    const { context, processes, service } = this.#actor;
    const { lastLine } = processes.output;
    if (lastLine === this.#lastLine) return;
    this.#lastLine = lastLine;
    context.events.append({ type: 'notice', service: service.name, notice: { kind: 'still-starting', afterMs, lastLine } });
  }
}
