/** Names the containers behind the holders of a session's ports. An engine is asked about a holder once in ten seconds. */
import type { Clock } from '../../machine/machine.ts';
import type { ContainerNames } from '../../model/container-names.ts';
import type { Holder, PortState } from '../../model/port.ts';
import { nameContainers } from '../../ports/name-containers.ts';
import type { RunTool } from '../../processes/engine.ts';

const VALID_MS = 10_000;

export class NamedHolders {
  readonly #clock: Clock;
  readonly #run: RunTool | undefined;
  #asked = new Map<string, { readonly atMs: number; readonly names: ContainerNames | null }>();

  constructor(clock: Clock, run?: RunTool) {
    this.#clock = clock;
    this.#run = run;
  }

  async name(states: readonly PortState[]): Promise<readonly PortState[]> {
    const now = this.#clock.now();
    this.#asked = new Map([...this.#asked].filter(([, { atMs }]) => now - atMs < VALID_MS));
    const known = mapHolders(states, (holder, port) => {
      const names = this.#asked.get(keyOf(holder, port))?.names;
      return names ? { ...holder, container: names.name, published: names } : holder;
    });
    const open = known.filter((state) => state.kind === 'held' && state.holders.some((one) => !this.#asked.has(keyOf(one, state.port))));
    const named = new Map((await nameContainers(open, this.#run)).map((state) => [state.port, state]));
    for (const state of named.values()) {
      if (state.kind !== 'held') continue;
      for (const holder of state.holders) {
        const key = keyOf(holder, state.port);
        if (!this.#asked.has(key)) this.#asked.set(key, { atMs: now, names: holder.published ?? null });
      }
    }
    return known.map((state) => named.get(state.port) ?? state);
  }
}

function mapHolders(states: readonly PortState[], change: (holder: Holder, port: number) => Holder): readonly PortState[] {
  return states.map((state) =>
    state.kind === 'held' ? { ...state, holders: state.holders.map((holder) => change(holder, state.port)) } : state,
  );
}

function keyOf({ pid, start }: Holder, port: number): string {
  return `${port}:${pid}:${start}`;
}
