/**
 * A running stack: one actor per service, one event log, one queue of claims, one ticker. The foreground command and the
 * control server use it through the `Session` interface only. `session/start.ts`, `stop.ts` and `restart.ts` carry out
 * orders; `session/snapshot.ts` reports the state.
 */
import { join } from 'node:path';
import { type Ending, endedWell, failureOf } from '../model/ending.ts';
import type { Event } from '../model/event.ts';
import { EventLog } from '../model/event-log.ts';
import type { Failure } from '../model/failure.ts';
import { resolveDependencies } from '../model/plan.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Dependency, Service, Stack } from '../model/service.ts';
import { hasProcess } from '../model/service-state.ts';
import type { EventsOptions, Order, Reply, Session, Snapshot, SnapshotOptions } from '../model/session.ts';
import { EMPTY_REPLY } from '../model/session.ts';
import { detectPortAgrees } from '../ports/second-opinion.ts';
import { MemberTracker } from '../processes/members.ts';
import { FifoPool } from './output/fifo.ts';
import { Claims } from './ports/claims.ts';
import { ForsakenSockets } from './ports/forsaken-sockets.ts';
import { Listeners } from './ports/listeners.ts';
import { Actor } from './service/actor.ts';
import type { SupervisorContext } from './service/context.ts';
import { failpoint } from './service/failpoint.ts';
import { perform, reportExit } from './service/work.ts';
import { changeStack } from './session/change.ts';
import type { Core, StopOutcome, SupervisorOptions } from './session/core.ts';
import { handOver } from './session/debug.ts';
import { debuggersOf } from './session/debuggers.ts';
import { awaitDependencies, mergeDependencies, notifyDependents, stateForDependents } from './session/dependencies.ts';
import { endAll, leave } from './session/end.ts';
import { Guard } from './session/guard.ts';
import { Leftovers } from './session/reclaim.ts';
import { type EarlierRecords, identityOf, ignoredRecordNotice, Recorder, readEarlierRecords } from './session/recorder.ts';
import { stampOf, takeSnapshot } from './session/snapshot.ts';
import { stopServices } from './session/stop.ts';
import { Ticker } from './session/ticker.ts';
import { updateActors } from './session/update-actors.ts';

export class Supervisor implements Session, Core {
  readonly options: SupervisorOptions;
  readonly key: string;
  readonly startedAtMs: number;
  readonly eventLog: EventLog;
  readonly actors = new Map<string, Actor>();
  readonly claims: Claims;
  readonly leftovers: Leftovers;
  readonly context: SupervisorContext;
  file: Stack;
  fileProblem: Failure | null = null;
  configReads: readonly string[];
  fileStamp: string | null = null;
  started = false;
  readonly startedWithoutDependencies = new Map<string, readonly Dependency[]>();
  readonly debuggersOver = new Set<string>();
  dependencies: ReadonlyMap<string, readonly Dependency[]>;
  readonly #recorder: Recorder;
  readonly #ticker: Ticker;
  /** The session's processes are being ended, or have been. */
  #clearing: Promise<StopOutcome> | null = null;
  readonly #forsaken = new ForsakenSockets(this.actors);
  #ending: Promise<Ending> | null = null;
  #isEnding = false;
  /** The number of orders in progress that stop all services. */
  #stoppingAll = 0;
  /** The first unexpected error. */
  #firstBug: Failure | null = null;
  readonly #ended: Promise<Ending>;
  #resolveEnded: (ending: Ending) => void = () => undefined;
  #orders: Promise<unknown> = Promise.resolve();

  static async begin(options: SupervisorOptions): Promise<Supervisor> {
    const { machine, folder } = options;
    const earlier = await readEarlierRecords(machine, folder);
    const own = await machine.process(machine.pid);
    const supervisor = new Supervisor(options, earlier, await machine.bootId(), own?.start ?? 0);
    if (earlier.fault) supervisor.eventLog.append({ type: 'notice', service: null, notice: ignoredRecordNotice(folder, earlier.fault) });
    await failpoint('before-record', null);
    await supervisor.#recorder.begin();
    await failpoint('after-record', null);
    supervisor.#ticker.run().catch(supervisor.context.onBug);
    return supervisor;
  }

  private constructor(options: SupervisorOptions, { before, dead }: EarlierRecords, bootId: string, start: number) {
    const { machine, stack, folder } = options;
    this.options = options;
    this.file = stack;
    this.configReads = stack.configReads;
    this.dependencies = resolveDependencies(stack.services);
    this.startedAtMs = machine.clock.wallTime();
    this.key = `${this.startedAtMs.toString(36)}${machine.pid.toString(36)}`;
    this.eventLog = new EventLog({ wallTime: () => machine.clock.wallTime() });
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const identity = { ...identityOf(options, this.key, this.startedAtMs), supervisor: { pid: machine.pid, start }, bootId };
    this.#recorder = new Recorder({ machine, folder, events: this.eventLog, actors: this.actors, identity });
    this.leftovers = new Leftovers(
      machine,
      { stackId: stack.id, liveSession: this.key, record: before, debug: { folder, dead } },
      this.eventLog,
    );
    const onBug = (error: unknown) => void this.#bug(error);
    this.#ticker = new Ticker(
      machine.clock,
      () => this.#tick(),
      (gapMs) => this.#gap(gapMs),
    );
    this.context = {
      machine,
      stack,
      session: this.key,
      folder,
      logs: join(folder, 'logs'),
      baseEnv: options.baseEnv,
      colour: options.colour,
      trace: options.trace,
      events: this.eventLog,
      tracker: new MemberTracker(machine),
      ports: new Listeners(machine),
      runs: new Map(),
      fifos: new FifoPool(join(folder, 'run')),
      guard: new Guard({
        machine,
        markerPrefix: `${stack.id}:${this.key}:`,
        onStarted: (guard) => {
          this.#recorder.guard = guard;
          this.#recorder.changed();
        },
      }),
      claim: (service, signal) => this.claims.claim(service, signal),
      awaitDependencies: (service, signal) => awaitDependencies(this, service.name, signal),
      dependenciesOf: (name) => this.startedWithoutDependencies.get(name) ?? this.dependencies.get(name) ?? [],
      onProcesses: () => this.#recorder.changed(),
      nextTick: (signal, healthyAt) => this.#ticker.nextTick(signal, healthyAt),
      onBug,
    };
    this.claims = new Claims({
      context: this.context,
      actors: this.actors,
      earlierRecord: before,
      liveSession: options.liveSession,
      others: options.others,
      debuggers: () => debuggersOf(this),
      secondOpinion: detectPortAgrees,
      ask: options.ask,
    });
    this.applyConfig(stack);
    this.fileStamp = stampOf(this);
  }

  /** Resolves when the session is over: all services have ended and the record is removed. */
  get ended(): Promise<Ending> {
    return this.#ended;
  }

  get ending(): boolean {
    return this.#isEnding;
  }

  get closing(): boolean {
    return this.#isEnding || this.#stoppingAll > 0;
  }

  snapshot(options?: SnapshotOptions): Promise<Result<Snapshot, Failure>> {
    return takeSnapshot(this, options);
  }

  events(options?: EventsOptions): AsyncIterable<Event> {
    return this.eventLog.subscribe(options);
  }

  async send(order: Order): Promise<Result<Reply, Failure>> {
    if (order.type === 'shutdown') {
      await this.shutdown(order.how, { why: 'order' });
      const { stopped = [], released = [], debugged = [] } = (await this.cleared()) ?? {};
      return ok({ ...EMPTY_REPLY, stopped, released, debugged, ended: true });
    }
    const refused = order.type === 'stop' ? this.#isEnding : this.closing;
    if (refused) return fail({ code: 'E412', kind: 'session-ending', stack: this.file.name });
    // A stop must not wait for the start that it cancels. Starts and restarts change the stack one after another.
    if (order.type === 'stop') return order.services === null ? this.#stopAll(order) : this.#reportingBugs(stopServices(this, order));
    if (order.type === 'debug' && !order.over) return this.#reportingBugs(handOver(this, order));
    const run = this.#orders.then(() => this.#reportingBugs(changeStack(this, order)));
    this.#orders = run;
    return run;
  }

  /** Starts are refused while this runs, because a service that started now would not be stopped. */
  async #stopAll(order: Extract<Order, { type: 'stop' }>): Promise<Result<Reply, Failure>> {
    this.#stoppingAll += 1;
    try {
      return await this.#reportingBugs(stopServices(this, order));
    } finally {
      this.#stoppingAll -= 1;
    }
  }

  /** Turns a bug in an order into a failure, after all services have stopped. */
  async #reportingBugs(reply: Promise<Result<Reply, Failure>>): Promise<Result<Reply, Failure>> {
    try {
      const answer = await reply;
      if (answer.ok || !this.#firstBug) return answer;
      // The bug caused the failure, so it is reported instead.
      await this.#ended;
      return fail(this.#firstBug);
    } catch (error) {
      return fail(await this.#bug(error));
    }
  }

  /** Resolves when no start or restart is in progress. */
  async idle(): Promise<void> {
    for (let last: unknown = null; last !== this.#orders; ) {
      last = this.#orders;
      await last;
    }
  }

  /** Ends all services, once; a later call with `kill` cuts the grace short. Resolves when the session is over. */
  shutdown(how: 'ordered' | 'kill', ending: Ending): Promise<Ending> {
    if (how === 'kill') for (const actor of this.actors.values()) actor.graceOver.abort();
    this.#isEnding = true;
    this.#clearing ??= endAll(this, how);
    this.#ending ??= this.#end(this.#clearing, ending);
    return this.#ending;
  }

  cleared(): Promise<StopOutcome | null> {
    return this.#clearing ?? Promise.resolve(null);
  }

  /** Reads the config again. A config with errors changes nothing but `fileProblem`. */
  async reload(): Promise<Result<Stack, Failure>> {
    const { stack: loaded, reads } = await this.options.reload();
    // The end of the session aborts the read, so a failure then says nothing about the config.
    if (this.closing) return fail({ code: 'E412', kind: 'session-ending', stack: this.file.name });
    this.fileProblem = loaded.ok ? null : loaded.failure;
    this.configReads = loaded.ok ? reads : [...new Set([...this.configReads, ...reads])];
    if (loaded.ok) this.applyConfig(loaded.value);
    return loaded;
  }

  applyConfig(stack: Stack): void {
    this.file = stack;
    updateActors(this.actors, stack, (service) => this.#actorOf(service));
    this.dependencies = mergeDependencies(stack, this.actors, this.dependencies);
  }

  #actorOf(service: Service): Actor {
    const actor = new Actor(service, this.context, { perform, reportExit });
    let before = stateForDependents(actor);
    actor.onChange(() => {
      const now = stateForDependents(actor);
      if (now !== before) notifyDependents(this, actor, before);
      before = now;
    });
    return actor;
  }

  /** False: no listener has been opened, closed or left to another process since the last tick. */
  async #tick(): Promise<boolean> {
    const running = [...this.actors.values()].some((actor) => hasProcess(actor.state));
    // The socket count does not change when one listener replaces another, so the table is read whenever a process came or went.
    const mustRead = !running || (await this.context.tracker.poll());
    this.#recorder.touch();
    return (await this.context.ports.hasChanged(mustRead)) || (mustRead && (await this.#forsaken.areThere()));
  }

  #gap(gapMs: number): void {
    for (const actor of this.actors.values()) actor.skipClockGap(gapMs);
  }

  async #end(clearing: Promise<StopOutcome>, ending: Ending): Promise<Ending> {
    const { failure } = await clearing;
    this.#ticker.end();
    await leave(this, this.#recorder, this.#firstBug ? 'bug' : 'stop');
    const broken = this.#firstBug ?? (endedWell(ending) ? failure : null);
    const result: Ending = broken ? { why: 'failure', failure: broken } : ending;
    this.eventLog.append({ type: 'done', ok: endedWell(result), exitCode: this.options.exitCode(result), failure: failureOf(result) });
    this.eventLog.close();
    this.#resolveEnded(result);
    return result;
  }

  /** Stops all services in order after an unexpected error. Tells only the first: a timer of the config may throw again and again. */
  async #bug(error: unknown): Promise<Failure> {
    if (!this.#firstBug) {
      this.#firstBug = this.options.blame(error);
      this.eventLog.append({ type: 'notice', service: null, notice: { kind: 'failure', failure: this.#firstBug } });
    }
    await this.shutdown('ordered', { why: 'failure', failure: this.#firstBug });
    return this.#firstBug;
  }
}
