/**
 * Names the containers behind the holders of ports, as their engines know them. A forwarder (docker-proxy, conmon) says little about its
 * container, and the engine's command takes tens of milliseconds, so engines are asked only where the answer is shown.
 */
import type { ContainerNames } from '../model/container-names.ts';
import type { Holder, PortState } from '../model/port.ts';
import { isContainerProxy } from '../processes/container-proxy.ts';
import type { RunTool } from '../processes/engine.ts';
import { programNames } from '../processes/program.ts';
import { findContainers } from '../processes/published-container.ts';

/** The same states, in which each holder that serves a container names it, if an engine knows it. */
export async function nameContainers<S extends PortState>(states: readonly S[], run?: RunTool): Promise<readonly S[]> {
  const unnamed = states.flatMap((state) =>
    state.kind === 'held' ? state.holders.filter(needsName).map((holder) => ({ port: state.port, holder, known: holder.container })) : [],
  );
  if (unnamed.length === 0) return states;
  const found = await findContainers(unnamed, run);
  const names = new Map<Holder, ContainerNames>(unnamed.flatMap(({ holder }, i) => (found[i] ? [[holder, found[i]] as const] : [])));
  return states.map((state) =>
    state.kind === 'held' ? { ...state, holders: state.holders.map((holder) => named(holder, names)) } : state,
  );
}

function needsName(holder: Holder): boolean {
  if (holder.published) return false;
  return holder.container !== null || isContainerProxy(holder) || programNames(holder).includes('dockerd');
}

function named(holder: Holder, names: ReadonlyMap<Holder, ContainerNames>): Holder {
  const published = names.get(holder);
  return published ? { ...holder, container: published.name, published } : holder;
}
