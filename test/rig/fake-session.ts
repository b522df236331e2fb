/**
 * A session in memory, without processes: services become ready the moment they are started. For code that only needs a
 * `Session` (renderers, the server, commands); it passes the same contract as the real one.
 */

import type { Event, UnstampedEvent } from '../../src/model/event.ts';
import { EventLog, type EventLogOptions } from '../../src/model/event-log.ts';
import type { Failure } from '../../src/model/failure.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import { countsAsReady, type ServiceState } from '../../src/model/service-state.ts';
import {
  EMPTY_REPLY,
  type EventsOptions,
  type Order,
  type Reply,
  type ServiceSnapshot,
  type Session,
  type Snapshot,
  type SnapshotOptions,
} from '../../src/model/session.ts';
import { suggest } from '../../src/model/suggest.ts';

export interface FakeService {
  readonly name: string;
  readonly port?: number;
  readonly dependsOn?: readonly string[];
}

export interface FakeSessionOptions {
  readonly services?: readonly FakeService[];
  readonly id?: string;
  readonly key?: string;
  readonly version?: string;
  readonly log?: Partial<EventLogOptions>;
}

interface Fake {
  readonly service: FakeService;
  state: ServiceState;
  pid: number | null;
  restarts: number;
  printed: number;
}

export class FakeSession implements Session {
  readonly log: EventLog;
  /** Every command it was sent, in order. */
  readonly commands: Order[] = [];
  /** The options of every snapshot, in order. */
  readonly looks: SnapshotOptions[] = [];
  /** The next commands wait for it before they do anything: a start that takes long. */
  gate: Promise<void> = Promise.resolve();
  readonly #options: FakeSessionOptions;
  readonly #services: ReadonlyMap<string, Fake>;
  #nextPid = 1001;
  #ended = false;

  constructor(options: FakeSessionOptions = {}) {
    this.#options = options;
    this.log = new EventLog({ wallTime: () => 1_790_000_000_000, ...options.log });
    const services = options.services ?? [
      { name: 'one', port: 4001 },
      { name: 'two', port: 4002, dependsOn: ['one'] },
    ];
    this.#services = new Map(services.map((service) => [service.name, { service, state: 'stopped', pid: null, restarts: 0, printed: 0 }]));
  }

  async snapshot(options: SnapshotOptions = {}): Promise<Result<Snapshot, Failure>> {
    this.looks.push(options);
    const { id = 'fa4e000000000000', key = 'fakekey', version = '0.0.0' } = this.#options;
    return ok({
      stack: 'fake',
      id,
      config: '/fake/orchestrator.config.ts',
      session: { pid: process.pid, startedAtMs: 1_790_000_000_000, version, key },
      seq: this.log.lastSeq,
      services: [...this.#services.values()].map(serviceSnapshot),
      configProblem: null,
    });
  }

  events(options: EventsOptions = {}): AsyncIterable<Event> {
    return this.log.subscribe(options);
  }

  async send(command: Order): Promise<Result<Reply, Failure>> {
    this.commands.push(command);
    await this.gate;
    if (this.#ended) return fail({ code: 'E412', kind: 'session-ending', stack: 'fake' });
    if (command.type === 'shutdown') return ok(this.#shutdown());
    if (command.type === 'debug') return ok(EMPTY_REPLY);
    const named = command.services ?? [...this.#services.keys()];
    const unknown = named.find((name) => !this.#services.has(name));
    if (unknown !== undefined)
      return fail({
        code: 'E002',
        kind: 'unknown-service',
        name: unknown,
        known: [...this.#services.keys()],
        suggestion: suggest(unknown, this.#services.keys()),
      });
    if (command.type === 'start') return ok(this.#start(command.noDeps ? named : this.#withNeeds(named)));
    const targets = command.withDependents ? this.#withDependents(named) : named;
    if (command.type === 'restart') {
      this.#stop(targets);
      return ok({ ...EMPTY_REPLY, started: this.#start(targets).started, dependents: this.#dependents(targets) });
    }
    const reply = { ...EMPTY_REPLY, stopped: this.#stop(targets), dependents: this.#dependents(targets) };
    if ([...this.#services.values()].some(({ state }) => state !== 'stopped')) return ok(reply);
    this.end();
    return ok({ ...reply, ended: true });
  }

  /** Makes the service print this. */
  print(name: string, bytes: Uint8Array | string, stream: 'stdout' | 'stderr' = 'stdout'): Event {
    const fake = this.#get(name);
    const chunk = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    const offset = fake.printed;
    fake.printed += chunk.length;
    return this.log.append({ type: 'output', service: name, stream, bytes: chunk, offset });
  }

  say(happening: UnstampedEvent): Event {
    return this.log.append(happening);
  }

  /** Puts the service into this state, without a command. */
  become(name: string, state: ServiceState, problem: Failure | null = null): void {
    const fake = this.#get(name);
    fake.state = state;
    fake.pid = state === 'starting' ? this.#nextPid++ : state === 'stopped' || state === 'failed' ? null : fake.pid;
    this.log.append({ type: 'state', service: name, state, pid: fake.pid, afterMs: null, restarts: fake.restarts, problem, delayMs: null });
  }

  /** Ends the session, as the stop of the last service does. */
  end(exitCode = 0): void {
    if (this.#ended) return;
    this.#ended = true;
    this.log.append({ type: 'done', ok: exitCode === 0, exitCode, failure: null });
    this.log.close();
  }

  #start(names: readonly string[]): Reply {
    const already = names.filter((name) => countsAsReady(this.#get(name).state));
    const started = names.filter((name) => !already.includes(name));
    for (const name of started) for (const state of ['waiting', 'starting', 'ready'] as const) this.become(name, state);
    return { ...EMPTY_REPLY, started, already };
  }

  #stop(names: readonly string[]): readonly string[] {
    const stopped = [...this.#services.keys()].reverse().filter((name) => names.includes(name) && this.#get(name).state !== 'stopped');
    for (const name of stopped) for (const state of ['stopping', 'stopped'] as const) this.become(name, state);
    return stopped;
  }

  #shutdown(): Reply {
    const stopped = this.#stop([...this.#services.keys()]);
    this.end();
    return { ...EMPTY_REPLY, stopped, ended: true };
  }

  #withNeeds(names: readonly string[]): readonly string[] {
    const wanted = new Set<string>();
    const add = (name: string): void => {
      if (wanted.has(name)) return;
      for (const need of this.#get(name).service.dependsOn ?? []) add(need);
      wanted.add(name);
    };
    names.forEach(add);
    return [...wanted];
  }

  #withDependents(names: readonly string[]): readonly string[] {
    const wanted = new Set(names);
    for (const { service } of this.#services.values()) if (service.dependsOn?.some((need) => wanted.has(need))) wanted.add(service.name);
    return [...wanted];
  }

  #dependents(names: readonly string[]): readonly string[] {
    return this.#withDependents(names).filter((name) => !names.includes(name) && this.#get(name).state !== 'stopped');
  }

  #get(name: string): Fake {
    const fake = this.#services.get(name);
    if (!fake) throw new Error(`the fake session has no service ${name}`);
    return fake;
  }
}

function serviceSnapshot({ service, state, pid, restarts }: Fake): ServiceSnapshot {
  return {
    name: service.name,
    state,
    port: service.port ?? null,
    ports: service.port === undefined ? {} : { main: service.port },
    pid,
    startedAtMs: pid === null ? null : 1_790_000_000_000,
    uptimeMs: pid === null ? null : 0,
    restarts,
    flapping: false,
    exitCode: null,
    cpuPercent: null,
    memoryBytes: null,
    url: service.port === undefined ? null : `http://localhost:${service.port}`,
    links: {},
    category: null,
    optional: false,
    stale: false,
    verdict: pid === null ? 'free' : 'ours',
    holders: [],
    problem: null,
  };
}
