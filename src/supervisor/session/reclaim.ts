/** What an earlier session of this stack left behind is ended before a new one begins, whatever its services' policies say. */
import type { Machine } from '../../machine/machine.ts';
import type { EventLog } from '../../model/event-log.ts';
import { describe } from '../../ports/identify.ts';
import { end } from '../../processes/end.ts';
import { findLeftovers, type Leftover, type LeftoverSource, LeftoverTargets } from '../../processes/leftovers.ts';

/** From the first signal to KILL; also what the guard of the earlier session is given for its own sweep. */
const GRACE_MS = 10_000;
const KILL_MS = 5000;
const LOOK_MS = 50;

/** Looks once in a session, and reclaims once. */
export class Leftovers {
  readonly #machine: Machine;
  readonly #source: LeftoverSource;
  readonly #events: EventLog;
  #looked: Promise<readonly Leftover[]> | null = null;
  #reclaimed: Promise<void> | null = null;

  constructor(machine: Machine, source: LeftoverSource, events: EventLog) {
    this.#machine = machine;
    this.#source = source;
    this.#events = events;
  }

  /** Ends nothing. None now means none later: only what a leftover starts becomes one. */
  look(): Promise<readonly Leftover[]> {
    this.#looked ??= findLeftovers(this.#machine, this.#source);
    return this.#looked;
  }

  /** Tells what it found and what it could not end as notices. */
  reclaim(): Promise<void> {
    this.#reclaimed ??= this.#reclaim();
    return this.#reclaimed;
  }

  async #reclaim(): Promise<void> {
    const [machine, source, events] = [this.#machine, this.#source, this.#events];
    const guard = source.record?.guard;
    // A guard that is sweeping is left to finish: its bounded grace is ours too.
    for (let waited = 0; guard && waited < GRACE_MS && (await machine.process(guard.pid))?.start === guard.start; waited += LOOK_MS) {
      await machine.clock.sleep(LOOK_MS);
    }
    if ((await this.look()).length === 0) return;
    const found = await findLeftovers(machine, source);
    if (found.length === 0) return;
    const processes = (await Promise.all(found.map((row) => describe(machine, row.pid, [])))).filter((holder) => holder !== null);
    const report = await end(machine, new LeftoverTargets(machine, source, null), {
      signal: 'SIGTERM',
      graceMs: GRACE_MS,
      killMs: KILL_MS,
    });
    events.append({ type: 'notice', service: null, notice: { kind: 'leftover-reclaimed', processes } });
    const survivors = processes.filter((holder) => report.survivors.some((survivor) => survivor.pid === holder.pid));
    if (survivors.length === 0) return;
    const failure = { code: 'E110', kind: 'survivors', service: found[0]?.service ?? '', survivors, ports: [] } as const;
    events.append({ type: 'notice', service: null, notice: { kind: 'failure', failure } });
  }
}
