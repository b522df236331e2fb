/**
 * One service: a queue of inputs through the lifecycle table. Each step's work runs until it is done or its state is
 * left; an outcome of work that was aborted is dropped, so nothing arrives late. What the work does lies in `work.ts`.
 */
import type { Failure } from '../../model/failure.ts';
import { INITIAL, step } from '../../model/lifecycle.ts';
import { hasProcess, type Input, type Main, type State, type Work } from '../../model/lifecycle-states.ts';
import { isTask, type Service } from '../../model/service.ts';
import { isOver, type ServiceState } from '../../model/service-state.ts';
import type { SupervisorContext } from './context.ts';
import { ServiceProcesses } from './process/service-processes.ts';

/** A service that became ready this often within this time is called flapping. */
const FLAPPING = { times: 3, withinMs: 60_000 };

/** Why work is aborted; one for all, since a new error for every state, with its stack, costs more than the step. */
const STATE_LEFT = new Error('the state was left');

/** What the states' work does; passed in, since it works on actors (`work.ts`). */
export interface ActorTasks {
  perform(work: Work, actor: Actor, signal: AbortSignal): Promise<Input | null>;
  /** Resolves when the exit of the child just spawned was told. */
  reportExit(actor: Actor): Promise<void>;
}

export class Actor {
  service: Service;
  readonly context: SupervisorContext;
  readonly processes: ServiceProcesses;
  readonly #tasks: ActorTasks;
  #state: State = INITIAL;
  /** `of`: the work whose outcome it is. */
  readonly #queue: { readonly input: Input; readonly of: AbortSignal | null }[] = [];
  #working = false;
  #work: AbortController | null = null;
  readonly #listeners = new Set<() => void>();
  /** Wall clock and monotonic time of the last spawn. */
  #spawned: { readonly atMs: number; readonly clockMs: number } | null = null;
  /** When each state of the present start was entered last. */
  #entered: Partial<Record<State['name'], number>> = {};
  #announced: ServiceState = 'stopped';
  #cpu: { readonly atMs: number; readonly usedMs: number } | null = null;
  #restarts = 0;
  #exitCode: number | null = null;
  #becameReadyAt: number[] = [];
  /** A bug was found in its work: its end is awaited, but not for ever. */
  broken = false;
  /** Aborted by a second Ctrl-C: what is being ended is killed now. */
  graceOver = new AbortController();

  constructor(service: Service, context: SupervisorContext, work: ActorTasks) {
    this.service = service;
    this.#tasks = work;
    this.context = context;
    this.processes = new ServiceProcesses(service.name, context);
  }

  get state(): State {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get exitCode(): number | null {
    return this.#exitCode;
  }

  get spawned(): { readonly atMs: number; readonly clockMs: number } | null {
    return hasProcess(this.#state) ? this.#spawned : null;
  }

  get main(): Main | null {
    return hasProcess(this.#state) ? this.#state.main : null;
  }

  get flapping(): boolean {
    const since = this.context.machine.clock.now() - FLAPPING.withinMs;
    return this.#becameReadyAt.filter((at) => at > since).length >= FLAPPING.times;
  }

  get problem(): Failure | null {
    const state = this.#state;
    return 'why' in state ? state.why : null;
  }

  /** It has, or is about to have, a process, or serves as external. */
  get active(): boolean {
    return !isOver(this.#state.name);
  }

  /** The contract's word for the state: until its ports are its own, a service waits. */
  get publicState(): ServiceState {
    return this.#state.name === 'claiming' ? 'waiting' : this.#state.name;
  }

  /** The machine slept: what was measured from the spawn on must not count the gap, and what is being measured begins anew. */
  skipClockGap(gapMs: number): void {
    const now = this.context.machine.clock.now();
    // A process that was spawned within the gap, or while it was noticed, is no older than now.
    if (this.#spawned) this.#spawned = { ...this.#spawned, clockMs: Math.min(now, this.#spawned.clockMs + gapMs) };
    this.send({ name: 'clockGap' });
  }

  /** All members together, in percent of one core, since the last call (at least a second ago), else since the spawn. */
  cpuPercent(): number {
    const now = this.context.machine.clock.now();
    const usedMs = this.processes.membership.members.reduce((sum, member) => sum + (member.cpuMs ?? 0), 0);
    const before = this.#cpu && this.#cpu.usedMs <= usedMs ? this.#cpu : { atMs: this.#spawned?.clockMs ?? now, usedMs: 0 };
    const elapsed = now - before.atMs;
    if (!this.#cpu || elapsed > 1000) this.#cpu = { atMs: now, usedMs };
    return elapsed > 0 ? Math.round(((usedMs - before.usedMs) / elapsed) * 1000) / 10 : 0;
  }

  /** When its last start was asked for, had its turn, and was ready; null while that is not known. */
  get startTimes(): { readonly requestedMs: number; readonly beganMs: number; readonly readyMs: number } | null {
    const { waiting: requestedMs, claiming: beganMs } = this.#entered;
    const readyMs = this.#entered.ready ?? this.#entered.completed ?? this.#entered.external;
    return requestedMs === undefined || beganMs === undefined || readyMs === undefined ? null : { requestedMs, beganMs, readyMs };
  }

  /** Called after every change of state, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when `test` holds; looked at after every change of state. */
  until(test: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = this.onChange(check);
      const abort = () => {
        done();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      else check();
      function check() {
        if (!test()) return;
        done();
        signal?.removeEventListener('abort', abort);
        resolve();
      }
    });
  }

  /**
   * A bug (an impossible input, an exception in our own code) goes to `context.onBug`. What work has to tell is dropped
   * when its state was left by the time it is its turn.
   */
  send(input: Input, of: AbortSignal | null = null): void {
    this.#queue.push({ input, of });
    if (!this.#working) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#working = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (next.of?.aborted) continue;
      try {
        const spawning = this.#apply(next.input);
        if (spawning) await spawning;
      } catch (error) {
        this.#reportBug(error);
      }
    }
    this.#working = false;
  }

  #reportBug(error: unknown): void {
    this.broken = true;
    this.context.onBug(error);
    for (const listener of [...this.#listeners]) listener();
  }

  /** At once; only a spawn is to be awaited. */
  #apply(input: Input): Promise<void> | null {
    const before = this.#state;
    if (input.name === 'exited') this.#exitCode = this.main?.kind === 'child' ? this.processes.lastExitCode : null;
    const next = step(before, input, { name: this.service.name, restart: this.service.restart, task: isTask(this.service) });
    if (!next) return null;
    this.#state = next.state;
    if (next.work || next.state.name !== before.name) this.#work?.abort(STATE_LEFT);
    this.#afterStep(before, input);
    return next.work ? this.#startWork(next.work) : null;
  }

  #afterStep(before: State, input: Input): void {
    const state = this.#state;
    if (state.name !== before.name) this.#recordTime(before.name);
    if (input.name === 'spawned')
      this.#spawned = { atMs: this.context.machine.clock.wallTime(), clockMs: this.context.machine.clock.now() };
    if (input.name === 'spawned') this.#cpu = null;
    // What somebody asked for is no flapping.
    if (input.name === 'stop' || input.name === 'restart') this.#becameReadyAt = [];
    if (state.name === 'backoff' && before.name !== 'backoff') this.#restarts += 1;
    if (state.name === 'ready' && before.name !== 'ready')
      this.#becameReadyAt = [...this.#becameReadyAt.slice(-9), this.context.machine.clock.now()];
    if (state.name === 'starting' && before.name !== 'starting') this.#exitCode = null;
    this.processes.follow(state);
    const same = this.publicState === this.#announced && this.problem === ('why' in before ? before.why : null);
    // A task that has done its work is done: the sweep of its group afterwards is not shown.
    const sweeping = state.name === 'stopping' && state.next.to === 'completed';
    if (!same && !sweeping) this.#announce();
    for (const listener of [...this.#listeners]) listener();
  }

  #recordTime(left: State['name']): void {
    const now = this.context.machine.clock.now();
    const entered = this.#state.name;
    const since = this.#entered[left];
    if (since !== undefined && left !== 'ready') this.context.trace?.span(this.service.name, left, since, now);
    if (entered === 'waiting') this.#entered = {};
    this.#entered[entered] = now;
  }

  #announce(): void {
    const state = this.#state;
    this.#announced = this.publicState;
    this.context.events.append({
      type: 'state',
      service: this.service.name,
      state: this.publicState,
      pid: this.main?.pid ?? (state.name === 'external' ? (state.holder?.pid ?? null) : null),
      afterMs:
        this.#spawned && (state.name === 'ready' || state.name === 'completed' || state.name === 'unhealthy')
          ? Math.round(this.context.machine.clock.now() - this.#spawned.clockMs)
          : null,
      restarts: this.#restarts,
      problem: this.problem,
      delayMs: state.name === 'backoff' ? state.delayMs : null,
    });
  }

  #startWork(work: Work): Promise<void> | null {
    const abort = new AbortController();
    this.#work = abort;
    const outcome = this.#tasks.perform(work, this, abort.signal);
    if (work.kind === 'spawn') return this.#awaitSpawn(outcome);
    outcome.then(
      (input) => {
        if (input) this.send(input, abort.signal);
      },
      (error: unknown) => {
        if (!abort.signal.aborted || error !== abort.signal.reason) this.#reportBug(error);
      },
    );
    return null;
  }

  /** Awaited in the queue: no other input can come between a process and the state that knows of it. */
  async #awaitSpawn(outcome: Promise<Input | null>): Promise<void> {
    const input = await outcome;
    if (!input) return;
    this.#apply(input);
    if (input.name === 'spawned') this.#tasks.reportExit(this).catch((error: unknown) => this.#reportBug(error));
  }
}
