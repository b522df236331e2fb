/**
 * Runs one service: a queue of inputs goes through the lifecycle table, and each step may start work (`work.ts`). Leaving a state aborts
 * its work and drops the work's outcome, so an outcome never reaches a later state.
 */
import type { Failure } from '../../model/failure.ts';
import { INITIAL, step } from '../../model/lifecycle.ts';
import type { Input, Main, State, Work } from '../../model/lifecycle-states.ts';
import { isTask, type Service } from '../../model/service.ts';
import { hasBeenReady, hasProcess, isOver, type ServiceState } from '../../model/service-state.ts';
import type { SupervisorContext } from './context.ts';
import { ServiceProcesses } from './process/service-processes.ts';

/** A service is flapping if it became ready this often within this time. */
const FLAPPING = { times: 3, withinMs: 60_000 };

/** The reason of every abort. One shared error, because creating one with its stack costs more than a step. */
const STATE_LEFT = new Error('the state was left');

/** When the process was spawned, by each of the machine's clocks. Every gap in time is added to `clockMs`, so that no gap is measured. */
interface Spawned {
  readonly atMs: number;
  readonly clockMs: number;
  readonly sinceBootMs: number;
}

/** The functions of `work.ts`, passed in because that module imports this one. */
export interface ActorTasks {
  perform(work: Work, actor: Actor, signal: AbortSignal): Promise<Input | null>;
  /** Resolves when the exit of the spawned child has been sent to the actor. */
  reportExit(actor: Actor): Promise<void>;
}

export class Actor {
  service: Service;
  readonly context: SupervisorContext;
  readonly processes: ServiceProcesses;
  readonly #tasks: ActorTasks;
  #state: State = INITIAL;
  /** `work`: the abort signal of the work whose outcome this input is. */
  readonly #queue: { readonly input: Input; readonly work: AbortSignal | null }[] = [];
  #working = false;
  #work: AbortController | null = null;
  readonly #listeners = new Set<() => void>();
  #spawned: Spawned | null = null;
  /** The times at which each state was last entered, since the current start. */
  #entered: Partial<Record<State['name'], number>> = {};
  #announced: ServiceState = 'stopped';
  #cpu: { readonly atMs: number; readonly usedMs: number } | null = null;
  #restarts = 0;
  #exitCode: number | null = null;
  #becameReadyAt: number[] = [];
  /** True once the work has hit a bug; the wait for the service's end then has a limit. */
  broken = false;
  /** Aborted by a second Ctrl-C, which cuts the grace short. */
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

  get spawned(): Spawned | null {
    return hasProcess(this.#state) ? this.#spawned : null;
  }

  /** How long the process has existed, including the time that it, the supervisor or the machine was suspended. */
  get uptimeMs(): number | null {
    const { spawned, state } = this;
    const { clock } = this.context.machine;
    if (state.name === 'debugging') return Math.max(0, clock.wallTime() - state.by.sinceMs);
    return spawned && Math.max(0, Math.round(clock.sinceBoot() - spawned.sinceBootMs));
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

  /** True if the service has a process, is about to have one, is external, or will start after it was debugged. */
  get active(): boolean {
    const state = this.#state;
    return state.name === 'debugging' ? !isOver(state.next.to) : !isOver(state.name);
  }

  /** The pid that users see: of the service's main process, of the adopted process, or of the `devup debug` that runs the service. */
  get publicPid(): number | null {
    const state = this.#state;
    if (state.name === 'external') return state.holder?.pid ?? null;
    return state.name === 'debugging' ? state.by.pid : (this.main?.pid ?? null);
  }

  /** The state that users see: a service whose ports are being claimed is still waiting. */
  get publicState(): ServiceState {
    return this.#state.name === 'claiming' ? 'waiting' : this.#state.name;
  }

  /** Leaves the time that the machine was suspended out of all measurements. Measurements in progress start again. */
  skipClockGap(gapMs: number): void {
    const now = this.context.machine.clock.now();
    // The limit is for a process that was spawned during the gap, or before the gap was noticed: its start must not lie in the future.
    if (this.#spawned) this.#spawned = { ...this.#spawned, clockMs: Math.min(now, this.#spawned.clockMs + gapMs) };
    this.send({ name: 'clockGap' });
  }

  /** CPU use of all members in percent of one core, since a call at least a second ago, or since the spawn. */
  cpuPercent(): number {
    const now = this.context.machine.clock.now();
    const usedMs = this.processes.membership.members.reduce((sum, member) => sum + (member.cpuMs ?? 0), 0);
    const before = this.#cpu && this.#cpu.usedMs <= usedMs ? this.#cpu : { atMs: this.#spawned?.clockMs ?? now, usedMs: 0 };
    const elapsed = now - before.atMs;
    if (!this.#cpu || elapsed > 1000) this.#cpu = { atMs: now, usedMs };
    return elapsed > 0 ? Math.round(((usedMs - before.usedMs) / elapsed) * 1000) / 10 : 0;
  }

  /** When the last start was requested, began and was ready, in monotonic milliseconds. Null until all three are known. */
  get startTimes(): { readonly requestedMs: number; readonly beganMs: number; readonly readyMs: number } | null {
    const { waiting: requestedMs, claiming: beganMs } = this.#entered;
    const readyMs = this.#entered.ready ?? this.#entered.completed ?? this.#entered.external;
    return requestedMs === undefined || beganMs === undefined || readyMs === undefined ? null : { requestedMs, beganMs, readyMs };
  }

  /** Calls `listener` after every change of state, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when `test` returns true. It is called now and after every change of state. */
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
   * Queues an input. If it is the outcome of `work`, it is dropped when the state of that work has been left before the input's turn comes.
   * A bug (an impossible input, an exception in devup) goes to `context.onBug`.
   */
  send(input: Input, work: AbortSignal | null = null): void {
    this.#queue.push({ input, work });
    if (!this.#working) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#working = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (next.work?.aborted) continue;
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

  /** Makes one step. Returns a promise only for a spawn, which the queue must await. */
  #apply(input: Input): Promise<void> | null {
    const before = this.#state;
    if (input.name === 'exited') this.#exitCode = this.main?.kind === 'child' ? this.processes.lastExitCode : null;
    const { name, restart, health } = this.service;
    const rules = { name, restart, healthRestarts: health?.restart ?? true, task: isTask(this.service) };
    const next = step(before, input, rules);
    if (!next) return null;
    this.#state = next.state;
    if (next.work || next.state.name !== before.name) this.#work?.abort(STATE_LEFT);
    this.#afterStep(before, input);
    return next.work ? this.#startWork(next.work) : null;
  }

  #afterStep(before: State, input: Input): void {
    const state = this.#state;
    if (state.name !== before.name) this.#recordTime(before.name);
    if (input.name === 'spawned') {
      const { clock } = this.context.machine;
      this.#spawned = { atMs: clock.wallTime(), clockMs: clock.now(), sinceBootMs: clock.sinceBoot() };
      this.#cpu = null;
    }
    // Restarts on request are not flapping.
    if (input.name === 'stop' || input.name === 'restart') this.#becameReadyAt = [];
    if (state.name === 'backoff' && before.name !== 'backoff') this.#restarts += 1;
    if (state.name === 'ready' && before.name !== 'ready')
      this.#becameReadyAt = [...this.#becameReadyAt.slice(-9), this.context.machine.clock.now()];
    if (state.name === 'starting' && before.name !== 'starting') this.#exitCode = null;
    this.processes.follow(state);
    const same = this.publicState === this.#announced && this.problem === ('why' in before ? before.why : null);
    // Users see a task as completed when it exits, not after the sweep of its group.
    const sweeping = state.name === 'stopping' && state.next.to === 'completed';
    // A service that somebody debugs does not stop with the session.
    if (!same && !sweeping && input.name !== 'letGo') this.#announce();
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
      pid: this.publicPid,
      afterMs: this.#spawned && hasBeenReady(state.name) ? Math.round(this.context.machine.clock.now() - this.#spawned.clockMs) : null,
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

  /** The queue awaits a spawn, so that no other input is handled while there is a process that the state does not know. */
  async #awaitSpawn(outcome: Promise<Input | null>): Promise<void> {
    const input = await outcome;
    if (!input) return;
    this.#apply(input);
    if (input.name === 'spawned') this.#tasks.reportExit(this).catch((error: unknown) => this.#reportBug(error));
  }
}
