/** A foreign holder and its descendants: a target set whose members are signalled one by one, since its group may hold strangers. */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import { childrenOf, withDescendants } from './descendants.ts';
import type { TargetSet } from './end.ts';

export class Tree implements TargetSet {
  readonly group = null;
  readonly #machine: Machine;
  /** The roots and all descendants ever found, so that an orphan is still known after its parent's end. */
  readonly #remembered: Map<number, number>;
  #members: readonly ProcessRow[] = [];
  #before: ReadonlyMap<number, number> | null = null;

  constructor(machine: Machine, roots: readonly ProcessId[]) {
    this.#machine = machine;
    this.#remembered = new Map(roots.map((root) => [root.pid, root.start]));
  }

  /** All processes of the first scan (pid → start), in the tree or not. */
  get before(): ReadonlyMap<number, number> {
    return this.#before ?? new Map();
  }

  get members(): readonly ProcessRow[] {
    return this.#members;
  }

  async scan(): Promise<void> {
    if (await this.#allGone()) {
      this.#members = [];
      return;
    }
    const rows = await this.#machine.processes();
    this.#before ??= new Map(rows.map(({ pid, start }) => [pid, start]));
    // This process and its children are left out: a devup started from below the holder must not end with it.
    const children = childrenOf(rows.filter((row) => row.pid !== this.#machine.pid));
    const living = rows.filter((row) => this.#remembered.get(row.pid) === row.start);
    this.#members = withDescendants(living, children);
    for (const { pid, start } of this.#members) this.#remembered.set(pid, start);
  }

  /** Cheaper than a scan: reads only the remembered processes. */
  async #allGone(): Promise<boolean> {
    for (const [pid, start] of this.#remembered) if ((await this.#machine.process(pid))?.start === start) return false;
    return true;
  }
}
