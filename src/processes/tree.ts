/**
 * A foreign holder and its descendants: a target set whose members are signalled one by one, since their group may contain other processes.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';
import type { ProcessId } from '../model/port.ts';
import { childrenOf, withDescendants } from './descendants.ts';
import type { TargetSet } from './end.ts';
import { exactProgramKind, isAutomated, type ProgramKind, TREATMENT } from './shared-programs.ts';

export class Tree implements TargetSet {
  readonly group = null;
  readonly #machine: Machine;
  /** The roots and all descendants ever found, so that an orphan is still known after its parent's end. */
  readonly #remembered: Map<number, number>;
  readonly #roots: ReadonlySet<number>;
  readonly #ownKinds = new Set<ProgramKind | null>();
  #members: readonly ProcessRow[] = [];
  #before: ReadonlyMap<number, number> | null = null;

  constructor(machine: Machine, roots: readonly ProcessId[]) {
    this.#machine = machine;
    this.#remembered = new Map(roots.map((root) => [root.pid, root.start]));
    this.#roots = new Set(this.#remembered.keys());
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
    // This process and its children are left out: if the holder started devup, devup must not end with it.
    const children = childrenOf(rows.filter((row) => row.pid !== this.#machine.pid));
    const living = rows.filter((row) => this.#remembered.get(row.pid) === row.start);
    const shared = await this.#sharedBelow(living, children);
    for (const pid of shared) this.#remembered.delete(pid);
    const own = new Map([...children].map(([parent, below]) => [parent, below.filter(({ pid }) => !shared.has(pid))]));
    this.#members = withDescendants(
      living.filter(({ pid }) => !shared.has(pid)),
      own,
    );
    for (const { pid, start } of this.#members) this.#remembered.set(pid, start);
  }

  /**
   * Shared programs, which do not end with the holder: a dev server has opened the browser below it. What a shared program
   * starts of its own kind ends with it, and a browser with the program that drives it.
   */
  async #sharedBelow(living: readonly ProcessRow[], children: ReadonlyMap<number, readonly ProcessRow[]>): Promise<ReadonlySet<number>> {
    for (const { pid, name } of living) if (this.#roots.has(pid)) this.#ownKinds.add(exactProgramKind(name));
    const shared = new Set<number>();
    const driven = new Set<number>();
    for (const row of withDescendants(living, children)) {
      const { pid } = row;
      const kind = exactProgramKind(row.name);
      if (kind === null || this.#roots.has(pid) || driven.has(pid) || this.#ownKinds.has(kind) || TREATMENT[kind].spared !== 'always')
        continue;
      if (isAutomated((await this.#machine.details(row))?.argv ?? []))
        for (const one of withDescendants([row], children)) driven.add(one.pid);
      else shared.add(pid);
    }
    return shared;
  }

  /** Whether all have ended. Cheaper than a scan: reads only the remembered processes. */
  async #allGone(): Promise<boolean> {
    for (const [pid, start] of this.#remembered) if ((await this.#machine.process(pid))?.start === start) return false;
    return true;
  }
}
