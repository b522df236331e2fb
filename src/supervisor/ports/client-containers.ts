/**
 * The containers that the clients among a service's own processes started: `docker run …` as its command, or below a shell. A port that
 * such a container publishes belongs to the service once the engine and the holder agree, as for a container that the config names. Engines
 * end the containers, and with them the forwarders.
 */
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import { type Container, namesOf } from '../../model/container.ts';
import type { ContainerNames } from '../../model/container-names.ts';
import { KILL_MS } from '../../model/graces.ts';
import { type ProcessId, sameProcess } from '../../model/port.ts';
import type { Service } from '../../model/service.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { notPublished } from '../../ports/published.ts';
import { type EngineAnswer, type RunTool, type ToolLimits, toolsIn } from '../../processes/engine.ts';
import { type EngineClient, leavesContainers, type RecordedClient, readClient, recordable } from '../../processes/engine-client.ts';
import { EnginePatience } from '../../processes/engine-patience.ts';
import type { Membership } from '../../processes/membership.ts';
import { startedBy } from '../../processes/started-containers.ts';
import { declaredClients } from '../service/process/declared-clients.ts';
import { EngineQuestion } from './engine-question.ts';

export interface ClientContainersOptions {
  readonly machine: Machine;
  readonly membership: Membership;
  readonly service: Service;
  /** The environment for the engine's command. */
  readonly env: () => Readonly<Record<string, string>>;
  /** Runs commands in a folder with an environment. */
  readonly tools?: (cwd: string, env: Readonly<Record<string, string>>) => RunTool;
  /** Called when a client or its container has been found. */
  readonly onFound?: () => void;
}

export interface EngineTime {
  readonly patience: EnginePatience;
  /** Aborted: there is no time left. */
  readonly over: AbortSignal;
}

export interface StopTime extends EngineTime {
  readonly timeoutMs: number;
}

export interface RunningContainer extends Container {
  readonly client: EngineClient;
}

/** devup gives up on an engine that has not answered this long after the container's own time to stop. */
const ANSWER_MS = 10_000;
/** An engine is asked about its newest containers only, so older clients could not be told from others. */
const PAST_CLIENTS = 20;

export class ClientContainers {
  readonly #options: ClientContainersOptions;
  /** The clients in the command of the config. */
  readonly #declared: readonly EngineClient[];
  /** Clients by pid; null: the process starts no containers. */
  readonly #living = new Map<number, { readonly start: number; readonly client: EngineClient | null }>();
  /** The last clients that have ended: a container may outlive its client. */
  readonly #past: EngineClient[] = [];
  readonly #owned = new Map<string, ContainerNames>();
  readonly #holders: { readonly id: ProcessId; readonly names: ContainerNames }[] = [];
  /** Ids of the containers that each client has started. */
  readonly #ids = new Map<EngineClient, Set<string>>();
  readonly #question = new EngineQuestion();
  #isEnding = false;

  constructor(options: ClientContainersOptions) {
    const { service, machine } = options;
    this.#options = options;
    const began = { pid: 0, start: 0, cwd: service.cwd, startedAtMs: machine.clock.wallTime() };
    this.#declared = declaredClients(service.command).map((client) => ({ ...began, ...client }));
  }

  get clients(): readonly EngineClient[] {
    return [...this.#declared, ...this.#past, ...[...this.#living.values()].flatMap(({ client }) => client ?? [])];
  }

  /** The clients for the session's record. */
  recordable(): readonly RecordedClient[] {
    return this.clients.map((client) => recordable(client, [...(this.#ids.get(client) ?? [])]));
  }

  isClient({ pid, start }: ProcessId): boolean {
    const known = this.#living.get(pid);
    return known?.start === start && known.client !== null;
  }

  /** True while a process that asked an engine for containers is alive. */
  get hasLivingClient(): boolean {
    return this.#options.membership.members.some(({ pid, start }) => this.isClient({ pid, start }));
  }

  owns({ handle }: ListenSocket): boolean {
    return this.#owned.has(handle);
  }

  /** The container for which the process has held a port; null: none. */
  heldFor(id: ProcessId): ContainerNames | null {
    return this.#holders.find((holder) => sameProcess(holder.id, id))?.names ?? null;
  }

  /** A process that holds a port for a container, and ends with the container; null: none is alive, or none can be seen. */
  async forwarder(): Promise<ProcessId | null> {
    for (const { id } of this.#holders.toReversed()) {
      if ((await this.#options.machine.process(id.pid))?.start === id.start) return id;
    }
    return null;
  }

  /** Reads the command lines of members that may be clients, each once. Cheap if no member may be. */
  async look(): Promise<void> {
    const { machine, membership, service, onFound } = this.#options;
    for (const [pid, { start, client }] of this.#living) {
      if (membership.clients.get(pid)?.start === start) continue;
      this.#living.delete(pid);
      if (client) this.#remember(client);
    }
    for (const { pid, start } of membership.clients.values()) {
      if (this.#living.get(pid)?.start === start) continue;
      const client = await readClient(machine, { pid, start }, service.cwd);
      this.#living.set(pid, { start, client });
      if (client) onFound?.();
    }
  }

  /** From now on no socket is proven: a run that ends must not wait for an engine that hangs. */
  beginEnd(): void {
    this.#isEnding = true;
  }

  /** Searches for the containers behind sockets that no member holds. */
  async establish(sockets: readonly ListenSocket[]): Promise<void> {
    if (this.#isEnding) return;
    await this.look();
    const open = sockets.filter((socket) => !this.owns(socket));
    if (open.length === 0 || this.clients.length === 0) return;
    await this.#question.ask(open, this.#options.machine.clock.now(), () => this.#prove(open));
  }

  /** The containers of all clients that run now, the last started first. */
  async running({
    patience,
    over,
  }: {
    readonly patience: EnginePatience;
    readonly over?: AbortSignal;
  }): Promise<readonly RunningContainer[]> {
    await this.look();
    const found = new Map<string, RunningContainer>();
    const answers = new Map<string, Promise<EngineAnswer | null>>();
    for (const client of this.clients) {
      const run = patience.limit(this.#toolsOf(client), over);
      for (const container of (await startedBy(client, onceEach(run, client, answers))) ?? []) {
        if (!container.running) continue;
        found.set(container.id, { ...container, client });
        this.#note(client, container.id);
      }
    }
    return [...found.values()];
  }

  /** Stops the containers one after another, in the order of the list. Null, or the engine's error. Aborted: the containers are killed. */
  async stop(containers: readonly RunningContainer[], time: StopTime): Promise<string | null> {
    let complaint: string | null = null;
    for (const container of containers) {
      const said = time.over.aborted ? null : await this.#stopOne(container, time);
      const last = time.over.aborted ? await this.#order(container, ['kill', container.id], time.patience, { timeoutMs: KILL_MS }) : said;
      complaint ??= last;
    }
    return complaint;
  }

  /** The engine sends the signal that the container's image asks for, unless the config names a signal other than the default. */
  async #stopOne(container: RunningContainer, { timeoutMs, over, patience }: StopTime): Promise<string | null> {
    const { stop } = this.#options.service;
    const { id } = container;
    if (stop.kind === 'command' || stop.signal === 'SIGTERM')
      return this.#order(container, ['stop', '-t', String(Math.ceil(timeoutMs / 1000)), id], patience, {
        timeoutMs: timeoutMs + ANSWER_MS,
        over,
      });
    const limits = { timeoutMs: KILL_MS, over };
    const said = await this.#order(container, ['kill', '--signal', stop.signal, id], patience, limits);
    if (patience.isOver) return said;
    // A container that takes its time is no reason to give up on the engine.
    const hasEnded = (await this.#order(container, ['wait', id], new EnginePatience(), { timeoutMs, over })) === null;
    return hasEnded || over.aborted ? null : this.#order(container, ['kill', id], patience, limits);
  }

  /** The oldest of too many is forgotten, but before it one whose container has usually ended with it. */
  #remember(client: EngineClient): void {
    this.#past.push(client);
    if (this.#past.length <= PAST_CLIENTS) return;
    const at = this.#past.findIndex((one) => !leavesContainers(one) && !this.#ids.has(one));
    for (const forgotten of this.#past.splice(Math.max(at, 0), 1)) this.#ids.delete(forgotten);
  }

  #note(client: EngineClient, id: string): void {
    const ids = this.#ids.get(client) ?? new Set<string>();
    this.#ids.set(client, ids);
    if (ids.has(id)) return;
    ids.add(id);
    this.#options.onFound?.();
  }

  async #order(
    { client }: RunningContainer,
    args: readonly string[],
    patience: EnginePatience,
    limits: ToolLimits,
  ): Promise<string | null> {
    const [program, ...options] = client.engine;
    const done = await patience.limit(this.#toolsOf(client))(program, [...options, ...args], limits);
    return done?.ok ? null : (done?.text ?? `${program} is gone`);
  }

  async #prove(open: readonly ListenSocket[]): Promise<void> {
    const { machine } = this.#options;
    const containers = await this.running({ patience: new EnginePatience() });
    if (containers.length === 0) return;
    const states = await identifyPorts(
      machine,
      open.map(({ port }) => port),
    );
    for (const { handle, port } of open) {
      const state = states.get(port);
      if (!state) continue;
      for (const container of containers) {
        if ((await notPublished(machine, container, state)) !== null) continue;
        const names = namesOf(container);
        this.#owned.set(handle, names);
        if (state.kind === 'held') for (const { pid, start } of state.holders) this.#holders.push({ id: { pid, start }, names });
        break;
      }
    }
  }

  #toolsOf({ cwd, env }: EngineClient): RunTool {
    const { tools = toolsIn } = this.#options;
    return tools(cwd, { ...this.#options.env(), ...env });
  }
}

/** Asks each question once for all clients of an engine. */
function onceEach(run: RunTool, { cwd, env }: EngineClient, answers: Map<string, Promise<EngineAnswer | null>>): RunTool {
  return (tool, args, limits) => {
    const question = JSON.stringify([cwd, env, tool, args]);
    const answer = answers.get(question) ?? run(tool, args, limits);
    answers.set(question, answer);
    return answer;
  };
}
