/** A squatter and everything below it: a quarry whose members are signalled one by one, since its group may hold strangers. */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import type { Quarry } from './end.ts';
import { childrenOf, processTable, withDescendants } from './kin.ts';

export class Tree implements Quarry {
  readonly group = null;
  readonly #machine: Machine;
  /** Where it started, and everything ever seen below: sticky, so that an orphan is not lost with its parent. */
  readonly #remembered: Map<number, number>;
  #placed: ReadonlyMap<number, number> = new Map();
  #members: readonly ProcessRow[] = [];

  constructor(machine: Machine, roots: readonly ProcessId[]) {
    this.#machine = machine;
    this.#remembered = new Map(roots.map((root) => [root.pid, root.start]));
  }

  get members(): readonly ProcessRow[] {
    return this.#members;
  }

  async look(): Promise<void> {
    const rows = await processTable(this.#machine, this.#placed);
    this.#placed = new Map(rows.map((row) => [row.pid, row.start]));
    const children = childrenOf(rows);
    const living = rows.filter((row) => this.#remembered.get(row.pid) === row.start);
    // Never ourselves, nor what we run: a devup started from below a squatter must not end with it.
    const own = rows.filter((row) => row.pid === this.#machine.pid);
    const spared = new Set(withDescendants(own, children).map(({ pid }) => pid));
    this.#members = withDescendants(living, children).filter(({ pid }) => !spared.has(pid));
    for (const { pid, start } of this.#members) this.#remembered.set(pid, start);
  }
}
