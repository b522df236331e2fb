/**
 * The sockets of a service whose ports a container publishes. The engine's answer and the holder prove a socket, once.
 * The engine is asked again only for an unproven socket, at intervals that double as long as the socket is the same: the
 * container may still be starting, or a foreign process may hold the port.
 */
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import { type Container, type ContainerProblem, namesOf } from '../../model/container.ts';
import type { ContainerNames } from '../../model/container-names.ts';
import { KILL_MS } from '../../model/graces.ts';
import { type ProcessId, sameProcess } from '../../model/port.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { notPublished } from '../../ports/published.ts';
import { inspectContainer, type RunTool } from '../../processes/engine.ts';
import { EngineQuestion } from './engine-question.ts';
import type { SocketOwner } from './owned-sockets.ts';

export class ContainerSockets implements SocketOwner {
  /** The container's name or id in the config. */
  readonly name: string;
  readonly #run: RunTool;
  readonly #owned = new Set<string>();
  #holders: readonly ProcessId[] = [];
  #proven: Container | null = null;
  readonly #question = new EngineQuestion();

  constructor(name: string, run: RunTool) {
    this.name = name;
    this.#run = run;
  }

  owns(socket: ListenSocket): boolean {
    return this.#owned.has(socket.handle);
  }

  /** The container, if the process has held a port for this container; otherwise null. */
  heldFor(id: ProcessId): ContainerNames | null {
    return this.#proven && this.#holders.some((holder) => sameProcess(holder, id)) ? namesOf(this.#proven) : null;
  }

  /** An engine's forwarder ends with the container. */
  async verify(): Promise<void> {}

  async establish(machine: Machine, sockets: readonly ListenSocket[]): Promise<void> {
    const open = sockets.filter((socket) => !this.owns(socket));
    if (open.length > 0) await this.#question.ask(open, machine.clock.now(), () => this.#prove(machine, open));
  }

  /** Kills the container at once, if it was proven to publish a port of the service. */
  async kill(): Promise<void> {
    if (this.#proven) await this.#run(this.#proven.engine, ['kill', this.#proven.id], { timeoutMs: KILL_MS });
  }

  async #prove(machine: Machine, open: readonly ListenSocket[]): Promise<void> {
    const problems = await this.problems(
      machine,
      open.map(({ port }) => port),
    );
    for (const { handle, port } of open) if (problems.get(port) === null) this.#owned.add(handle);
  }

  /** For each port, the reason why the container does not publish the port now; null if it does. */
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
