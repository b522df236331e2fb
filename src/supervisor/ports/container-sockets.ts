/**
 * The sockets of a service whose ports a container publishes. They are proven once, by the engine and by who holds them;
 * the engine is asked again only when there is a socket that was not proven yet, and ever more rarely while it is the
 * same one: a container may still be coming up, or somebody else may sit on the port for good.
 */
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import type { Container, ContainerProblem } from '../../model/container.ts';
import { type ProcessId, sameProcess } from '../../model/port.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { notPublished } from '../../ports/published.ts';
import { inspectContainer, type RunTool } from '../../processes/engine.ts';
import type { SocketOwner } from './listeners.ts';

const ASK_AGAIN_MS = { first: 250, most: 60_000 };

export class ContainerSockets implements SocketOwner {
  /** As the config names it. */
  readonly name: string;
  readonly #run: RunTool;
  readonly #owned = new Set<string>();
  #holders: readonly ProcessId[] = [];
  #proven: Container | null = null;
  #asked: { readonly sockets: string; readonly waitMs: number; readonly againMs: number; readonly answer: Promise<void> } | null = null;

  constructor(name: string, run: RunTool) {
    this.name = name;
    this.#run = run;
  }

  owns(socket: ListenSocket): boolean {
    return this.#owned.has(socket.handle);
  }

  /** It was seen holding a port for the container. */
  holds(id: ProcessId): boolean {
    return this.#holders.some((holder) => sameProcess(holder, id));
  }

  async establish(machine: Machine, sockets: readonly ListenSocket[]): Promise<void> {
    const open = sockets.filter((socket) => !this.owns(socket));
    if (open.length === 0) return;
    const key = open
      .map(({ handle }) => handle)
      .sort()
      .join();
    const before = this.#asked?.sockets === key ? this.#asked : null;
    const now = machine.clock.now();
    if (before && now < before.againMs) return before.answer;
    const waitMs = before ? Math.min(before.waitMs * 2, ASK_AGAIN_MS.most) : ASK_AGAIN_MS.first;
    const answer = this.#prove(machine, open);
    this.#asked = { sockets: key, waitMs, againMs: now + waitMs, answer };
    await answer;
  }

  /** For whoever cannot wait for its stop command: what was proven to hold our ports ends now. */
  async kill(): Promise<void> {
    if (this.#proven) await this.#run(this.#proven.engine, ['kill', this.#proven.id]);
  }

  async #prove(machine: Machine, open: readonly ListenSocket[]): Promise<void> {
    const problems = await this.problems(
      machine,
      open.map(({ port }) => port),
    );
    for (const { handle, port } of open) if (problems.get(port) === null) this.#owned.add(handle);
  }

  /** Each port with why it is not the container's, as of now; null where it is. */
  async problems(machine: Machine, ports: readonly number[]): Promise<ReadonlyMap<number, ContainerProblem | null>> {
    const container = await inspectContainer(this.name, this.#run);
    if ('kind' in container) return new Map(ports.map((port) => [port, container]));
    const found = new Map<number, ContainerProblem | null>();
    for (const [port, state] of await identifyPorts(machine, ports)) {
      const problem = await notPublished(machine, container, state);
      found.set(port, problem);
      if (problem === null) this.#proven = container;
      if (problem === null && state.kind === 'held')
        this.#holders = [...this.#holders.filter((known) => !state.holders.some((holder) => sameProcess(holder, known))), ...state.holders];
    }
    return found;
  }
}
