/** The processes, output and sockets of one service, across its runs. */
import type { ListenSocket, ProcessRow } from '../../../machine/machine.ts';
import type { ContainerNames } from '../../../model/container-names.ts';
import type { Main, State } from '../../../model/lifecycle-states.ts';
import type { ProcessId } from '../../../model/port.ts';
import type { Service } from '../../../model/service.ts';
import { hasProcess } from '../../../model/service-state.ts';
import type { RunMarker } from '../../../model/stack-id.ts';
import { declaredKinds } from '../../../processes/declared-programs.ts';
import type { TargetSet } from '../../../processes/end.ts';
import { toolsIn } from '../../../processes/engine.ts';
import { Membership } from '../../../processes/membership.ts';
import type { Origin } from '../../../processes/orphans.ts';
import type { AdoptedDaemon } from '../../../processes/record.ts';
import { ServiceOutput } from '../../output/output.ts';
import { ClientContainers } from '../../ports/client-containers.ts';
import { ContainerSockets } from '../../ports/container-sockets.ts';
import { OwnedSockets, type SocketOwner } from '../../ports/owned-sockets.ts';
import type { SupervisorContext } from '../context.ts';
import { DaemonSearch, originOf } from './daemon-search.ts';
import { type Child, commandEnvironment } from './spawn.ts';

type Evidence = Omit<AdoptedDaemon, keyof ProcessId>;

export class ServiceProcesses {
  readonly marker: RunMarker;
  readonly #name: string;
  readonly #context: SupervisorContext;
  #output: ServiceOutput | null = null;
  #membership: Membership;
  #sockets: SocketOwner;
  #ownSockets: OwnedSockets;
  #container: ContainerSockets | null = null;
  #clientContainers: ClientContainers | null = null;
  #child: Child | null = null;
  /** The processes that the guard ends besides the child's group. */
  #guarded: readonly ProcessId[] = [];
  #adopted: readonly AdoptedDaemon[] = [];
  #service: Service | null = null;
  #origin: Origin | null = null;
  /** The last search for a daemon of this run. */
  #search: DaemonSearch | null = null;
  #lastExit: { readonly exitCode: number | null; readonly signal: string | null } | null = null;

  constructor(name: string, context: SupervisorContext) {
    this.#name = name;
    this.#context = context;
    this.marker = { stackId: context.stack.id, session: context.session, service: name };
    this.#membership = new Membership(this.marker);
    this.#ownSockets = new OwnedSockets(this.#membership);
    this.#sockets = this.#ownSockets;
  }

  get membership(): Membership {
    return this.#membership;
  }

  get sockets(): SocketOwner {
    return this.#sockets;
  }

  /** True if a member has held the socket. */
  hasOwned(socket: ListenSocket): boolean {
    return this.#ownSockets.hasOwned(socket);
  }

  /** True if a socket that a member held is now held by others only. */
  async isSocketForsaken(thorough: boolean): Promise<boolean> {
    return this.#sockets === this.#ownSockets && this.#ownSockets.isForsaken(this.#context.machine, thorough);
  }

  /** The containers that this run's processes started; null before the first run. */
  get clientContainers(): ClientContainers | null {
    return this.#clientContainers;
  }

  /** The container for which the process holds a port of the service; null: none. */
  containerHeldBy(id: ProcessId): ContainerNames | null {
    return this.#container?.heldFor(id) ?? this.#clientContainers?.heldFor(id) ?? null;
  }

  /** The container that the config names as the publisher of the service's ports; null if it names none. */
  get container(): ContainerSockets | null {
    return this.#container;
  }

  /** The output is created by the first run, so that a service that is never started keeps the log of the earlier session. */
  get output(): ServiceOutput {
    this.#output ??= new ServiceOutput({
      service: this.#name,
      folder: this.#context.logs,
      events: this.#context.events,
      wallTime: () => this.#context.machine.clock.wallTime(),
      sleep: (ms, signal) => this.#context.machine.clock.sleep(ms, signal),
    });
    return this.#output;
  }

  get started(): boolean {
    return this.#output !== null;
  }

  get child(): Child | null {
    return this.#child;
  }

  get lastExitCode(): number | null {
    return this.#lastExit?.exitCode ?? null;
  }

  /** The child of this run has ended. */
  get childHasExited(): boolean {
    return this.#lastExit !== null;
  }

  /** The daemons of this run that were adopted, and on what evidence. */
  get adopted(): readonly AdoptedDaemon[] {
    return this.#adopted;
  }

  /** Begins a new run, with a membership of its own. */
  begin(child: Child, service: Service): void {
    this.#child = child;
    this.#lastExit = null;
    this.#adopted = [];
    this.#search = null;
    this.#service = service;
    this.#membership = new Membership(this.marker, {
      declared: declaredKinds(service.command),
      onOwn: (id) => this.#context.guard.claim(id),
    });
    this.#container = this.#containerOf(service);
    this.#clientContainers = new ClientContainers({
      machine: this.#context.machine,
      membership: this.#membership,
      service,
      env: () => commandEnvironment(service, this.#context),
      onFound: () => this.#context.onProcesses(),
    });
    this.#ownSockets = new OwnedSockets(this.#membership, this.#clientContainers);
    this.#sockets = this.#container ?? this.#ownSockets;
    this.#origin = originOf(service, child, { membership: this.#membership, sockets: this.#ownSockets }, this.#context);
    this.#context.runs.set(this.#name, this.#origin);
    this.#membership.add({
      ...child.id,
      ppid: process.pid,
      pgid: child.id.pid,
      sid: child.id.pid,
      stopped: false,
      name: '',
      cpuMs: 0,
      residentBytes: 0,
    });
    this.#context.tracker.track(this.#membership);
    this.#context.guard.watch(child.id, stopSignal(service));
    this.output.attach(
      child.stdout,
      child.stderr,
      service.ready.tests.flatMap((test) => (test.kind === 'log' ? [test] : [])),
    );
    void child.exited.then((exit) => {
      if (this.#child === child) this.#lastExit = exit;
    });
  }

  /** The search for a daemon that this run has left; null if there has been none. */
  get search(): DaemonSearch | null {
    return this.#search;
  }

  /** A new search. Call it right after the end of the run's main process. Null: there is no run. */
  searchDaemon(): DaemonSearch | null {
    const [origin, service] = [this.#origin, this.#service];
    if (!origin || !service) return null;
    const adopt = (row: ProcessRow, evidence: Evidence) => this.#adopt(row, evidence, service);
    const run = { service, origin, context: this.#context, membership: this.#membership, adopt };
    this.#search = new DaemonSearch(run);
    return this.#search;
  }

  /** Takes in a daemon that no mark ties to the service. Since no search would find it, record and guard know it by its pid. */
  async #adopt(row: ProcessRow, evidence: Evidence, service: Service): Promise<void> {
    const { pid, start, pgid } = row;
    this.#membership.adopt(row);
    this.#adopted = [...this.#adopted, { pid, start, ...evidence }];
    const { guard, machine, onProcesses } = this.#context;
    const leader = pgid === pid ? row : await machine.process(pgid);
    const group = { pid: pgid, start: leader?.start ?? 0 };
    if (pgid > 1) guard.watch(group, stopSignal(service));
    if (pgid !== pid) guard.watchProcess({ pid, start });
    this.#guarded = [...this.#guarded, group, { pid, start }];
    onProcesses();
  }

  /** Updates the tracker, the guard and the record after a change of state. */
  follow(state: State): void {
    if (state.name === 'ready') this.#output?.startIsOver();
    const survivors = state.name === 'failed' && state.survivors.length > 0;
    if (!hasProcess(state) && !survivors && this.#child) {
      this.#context.tracker.untrack(this.#membership);
      for (const id of [this.#child.id, ...this.#guarded]) this.#context.guard.forget(id);
      this.#guarded = [];
      this.#child = null;
      this.#context.runs.delete(this.#name);
    }
    this.#context.onProcesses();
  }

  /** The members of this run as a target set for `end`. */
  targets(main: Main): TargetSet {
    const { tracker } = this.#context;
    // The next run replaces `#membership`; an end in progress must not reach its members.
    const membership = this.#membership;
    const group = this.#context.machine.platform.hasProcessGroups ? (this.#child?.id.pid ?? main.pid) : null;
    return {
      get group() {
        return group === null || membership.sparesIn(group) ? null : group;
      },
      get members() {
        return membership.members;
      },
      scan: (options) => tracker.scan(options),
    };
  }

  has(id: ProcessId): boolean {
    return this.#membership.has(id) || this.containerHeldBy(id) !== null;
  }

  #containerOf(service: Service): ContainerSockets | null {
    const { listener } = service;
    if (listener.kind !== 'container') return null;
    const env = commandEnvironment(service, this.#context);
    return new ContainerSockets(listener.container, toolsIn(service.cwd, env));
  }
}

function stopSignal({ stop }: Service): string {
  return stop.kind === 'signal' ? stop.signal : 'SIGTERM';
}
