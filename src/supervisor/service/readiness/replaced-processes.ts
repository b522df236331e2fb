/**
 * Notices a crash loop inside a service: gunicorn replaces its workers, a script restarts its server. The service itself stays alive and
 * says nothing to devup. How the processes ended cannot be seen, as they are not devup's children; but it can be seen that one takes the
 * place of another.
 */
import type { Machine, ProcessRow } from '../../../machine/machine.ts';
import type { ProcessId } from '../../../model/port.ts';
import type { Replaced } from '../../../model/unmet.ts';

/** So many processes with the same parent and command line must have ended, for each that is alive at once. */
const TIMES = 3;
/** Programs that a waiting script starts again and again. */
const PAUSES: ReadonlySet<string> = new Set(['sleep']);
/** A place that has had no process for this long is forgotten: a build runs thousands of commands once each. */
const FORGET_MS = 5 * 60_000;

interface Place {
  readonly command: string;
  readonly sinceMs: number;
  /** The processes that were alive at the last look. */
  alive: readonly ProcessId[];
  /** The largest number of processes that were alive at once. */
  width: number;
  ended: number;
  /** The last look at which a process was alive. */
  lastMs: number;
}

export class ReplacedProcesses {
  readonly #machine: Machine;
  /** Places by parent and command line. */
  readonly #places = new Map<string, Place>();
  /** The place of each living process; null for those that are of no interest. */
  #placeOf = new Map<string, Place | null>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Null: no process of the service was replaced several times. */
  async look(members: readonly ProcessRow[], now: number): Promise<Replaced | null> {
    const alive = new Map<Place, ProcessId[]>();
    const placeOf = new Map<string, Place | null>();
    for (const row of members) {
      const place = await this.#find(row, now);
      placeOf.set(`${row.pid} ${row.start}`, place);
      if (place) alive.set(place, [...(alive.get(place) ?? []), row]);
    }
    this.#placeOf = placeOf;
    for (const [key, place] of this.#places) {
      const ids = alive.get(place) ?? [];
      place.ended += place.alive.filter((id) => !ids.some((one) => one.pid === id.pid && one.start === id.start)).length;
      place.alive = ids;
      place.width = Math.max(place.width, ids.length);
      if (ids.length > 0) place.lastMs = now;
      else if (now - place.lastMs > FORGET_MS) this.#places.delete(key);
    }
    const [place] = [...this.#places.values()].filter((one) => one.alive.length > 0 && one.ended >= TIMES * one.width);
    return place ? { command: place.command, times: place.ended, withinMs: Math.round(now - place.sinceMs) } : null;
  }

  async #find(row: ProcessRow, now: number): Promise<Place | null> {
    const known = this.#placeOf.get(`${row.pid} ${row.start}`);
    if (known !== undefined) return known;
    const details = PAUSES.has(row.name) ? null : await this.#machine.details(row);
    return details ? this.#place(`${row.ppid} ${details.argv.join(' ')}`, details.argv.join(' '), now) : null;
  }

  #place(key: string, command: string, sinceMs: number): Place {
    const place = this.#places.get(key) ?? { command, sinceMs, alive: [], width: 0, ended: 0, lastMs: sinceMs };
    this.#places.set(key, place);
    return place;
  }
}
