/** Ends the leftovers of earlier sessions before services start. `onConflict` does not apply to them. */
import type { Machine } from '../../machine/machine.ts';
import type { EventLog } from '../../model/event-log.ts';
import { GUARD_MS } from '../../model/graces.ts';
import { endLeftovers } from '../../processes/end-leftovers.ts';
import { findLeftovers, type Leftover, type LeftoverSource } from '../../processes/leftovers.ts';

const POLL_MS = 50;

/** Searches for leftovers once per session, and ends them once. */
export class Leftovers {
  readonly #machine: Machine;
  readonly #source: LeftoverSource;
  readonly #events: EventLog;
  #search: Promise<readonly Leftover[]> | null = null;
  #reclaimed: Promise<void> | null = null;

  constructor(machine: Machine, source: LeftoverSource, events: EventLog) {
    this.#machine = machine;
    this.#source = source;
    this.#events = events;
  }

  /** Finds leftovers without ending them. If there are none now, none appear later, since only a child of a leftover can become one. */
  find(): Promise<readonly Leftover[]> {
    this.#search ??= findLeftovers(this.#machine, this.#source);
    return this.#search;
  }

  /** Ends all leftovers. Notices report the leftovers, and those of them that could not be ended. */
  reclaim(): Promise<void> {
    this.#reclaimed ??= this.#reclaim();
    return this.#reclaimed;
  }

  async #reclaim(): Promise<void> {
    const [machine, source, events] = [this.#machine, this.#source, this.#events];
    const guard = source.record?.guard;
    // The guard of the earlier session may still be ending its services.
    for (let waited = 0; guard && waited < GUARD_MS && (await machine.process(guard.pid))?.start === guard.start; waited += POLL_MS) {
      await machine.clock.sleep(POLL_MS);
    }
    const mayHaveContainers = source.record?.services.some(({ clients }) => clients !== undefined) ?? false;
    if ((await this.find()).length === 0 && !source.debug?.dead.length && !mayHaveContainers) return;
    const { found, containers, failure } = await endLeftovers(machine, source);
    if (found.length === 0 && containers.length === 0) return;
    const processes = found.map(({ service: _service, ...holder }) => holder);
    const stopped = containers.map(({ engine, id, name, image, project }) => ({ engine, id, name, image, project }));
    events.append({ type: 'notice', service: null, notice: { kind: 'leftover-reclaimed', processes, containers: stopped } });
    if (failure) events.append({ type: 'notice', service: null, notice: { kind: 'failure', failure } });
  }
}
