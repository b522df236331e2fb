/**
 * From spawn to ready: decides when a service's ports and tests are checked, and when to give up. A service is ready when
 * its own processes hold every required port and every test passes; `readiness-tests.ts` runs a single test.
 */
import type { ListenSocket } from '../../../machine/machine.ts';
import type { Input } from '../../../model/lifecycle-states.ts';
import { type DeclaredPort, isTask } from '../../../model/service.ts';
import type { Actor } from '../actor.ts';
import { daemonExit } from '../process/daemon.ts';
import { notReadyFailure } from './not-ready.ts';
import { testContextOf, unmetTest } from './readiness-tests.ts';
import { StartObserver } from './start-observer.ts';

/** The time between two polls; a refused connection costs some hundredths of a millisecond. */
const POLL_MS = { first: 1, most: 25, whenSlow: 100 };
/** The time between two reads of the socket table, which cost more, but also show a service that listens on no loopback address. */
const TABLE_MS = 100;
/** A service that needs longer than this is polled less often. */
const SLOW_MS = 5000;
/** A deadline that is noticed this late may be due to a suspended machine, which the ticker has yet to notice. */
const OVERDUE_MS = 1000;
const TEST_TIMEOUT_MS = 30_000;

/** Ends the observer; one shared error, as creating one with its stack costs more than a poll. */
const WAIT_OVER = new Error('the wait is over');

/** Never resolves for a task without a timeout, which ends by its exit only. */
export async function awaitReady(actor: Actor, signal: AbortSignal): Promise<Input> {
  const { service } = actor;
  const over = new AbortController();
  const end = () => over.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  // Beside the wait, which a test without an answer may hold up until the deadline.
  const observer = new StartObserver(actor, over.signal);
  const observed = observer.run();
  try {
    if (isTask(service) && service.ready.timeoutMs === null) return await observed;
    return await Promise.race([new ReadinessWait(actor, observer, signal).run(), observed]);
  } finally {
    signal.removeEventListener('abort', end);
    over.abort(WAIT_OVER);
  }
}

class ReadinessWait {
  readonly #actor: Actor;
  readonly #observer: StartObserver;
  readonly #signal: AbortSignal;
  readonly #required: readonly DeclaredPort[];
  readonly #beganMs: number;
  readonly #deadlineMs: number;
  #pollMs = POLL_MS.first;
  /** When the socket table was last read for this service. */
  #tableReadMs: number;
  /** True if one of the ports had no listener at that read, or at the spawn. */
  #lacksListener: boolean;
  /** The sockets of the ports, if the last pause ended because they had been opened. */
  #opened: readonly ListenSocket[] | null = null;
  #hasAwaitedTick = false;

  constructor(actor: Actor, observer: StartObserver, signal: AbortSignal) {
    const { service, context } = actor;
    this.#actor = actor;
    this.#observer = observer;
    this.#signal = signal;
    this.#required = service.ports.filter((port) => port.required);
    this.#beganMs = actor.spawned?.clockMs ?? context.machine.clock.now();
    this.#deadlineMs = this.#beganMs + (service.ready.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#tableReadMs = this.#beganMs;
    this.#lacksListener = this.#required.length > 0 && !isTask(service);
  }

  async run(): Promise<Input> {
    const { context } = this.#actor;
    for (;;) {
      await this.#actor.processes.clientContainers?.look();
      if (await this.#isReady()) return { name: 'becameReady' };
      const now = context.machine.clock.now();
      if (now - this.#deadlineMs > OVERDUE_MS && !this.#hasAwaitedTick) {
        this.#hasAwaitedTick = true;
        await context.nextTick(this.#signal);
        continue;
      }
      if (now >= this.#deadlineMs && !this.#isExitPending())
        return { name: 'readyTimeout', why: await notReadyFailure(this.#actor, this.#observer.replaced) };
      const exit = await daemonExit(this.#actor, this.#signal);
      if (exit) return exit;
      await this.#pause(now);
    }
  }

  /** Waits until the ports have listeners if the system counts its sockets; otherwise for a growing pause. */
  async #pause(now: number): Promise<void> {
    const { machine, ports } = this.#actor.context;
    const leftMs = Math.max(POLL_MS.first, this.#deadlineMs - now);
    this.#opened = null;
    if (this.#lacksListener && ports.listenerWait.available) {
      const required = this.#required.map(({ port }) => port);
      this.#opened = await ports.listenerWait.wait(required, Math.min(TABLE_MS, leftMs), this.#signal, this.#tableReadMs);
      this.#tableReadMs = machine.clock.now();
      return;
    }
    await machine.clock.sleep(Math.min(this.#pollMs, leftMs), this.#signal);
    this.#pollMs = now - this.#beganMs > SLOW_MS ? POLL_MS.whenSlow : Math.min(this.#pollMs * 2, POLL_MS.most);
  }

  /** The child has ended, which is reported with its daemon, if it has left one. */
  #isExitPending(): boolean {
    const { main, processes } = this.#actor;
    return main?.kind === 'child' && processes.childHasExited;
  }

  async #isReady(): Promise<boolean> {
    if (this.#isExitPending()) return false;
    return !isTask(this.#actor.service) && (await this.#ownsPorts()) && (await this.#passesTests());
  }

  /** True if every required port has a listener and all listeners belong to the service. */
  async #ownsPorts(): Promise<boolean> {
    const { service, context, processes } = this.#actor;
    if (this.#required.length === 0) return true;
    if (await this.#stillLacksListener()) return false;
    this.#tableReadMs = context.machine.clock.now();
    const ownership = await context.ports.ownership(this.#required, processes.sockets, this.#opened);
    this.#lacksListener = ownership.some(({ kind }) => kind === 'none');
    if (ownership.every(({ kind }) => kind === 'ours') || service.listener.kind === 'any') return !this.#lacksListener;
    if (!ownership.some(({ kind }) => kind === 'foreign')) return false;
    // The holder of an unknown listener may be a child that was forked since the last scan.
    await context.tracker.scan();
    return (await context.ports.ownership(this.#required, processes.sockets)).every(({ kind }) => kind === 'ours');
  }

  /** True if a recent read of the socket table found a port without a listener. Systems without a socket count confirm it by connecting. */
  async #stillLacksListener(): Promise<boolean> {
    const { machine, ports } = this.#actor.context;
    const isRecent = machine.clock.now() - this.#tableReadMs < TABLE_MS;
    if (this.#opened || !this.#lacksListener || !isRecent) return false;
    return ports.listenerWait.available || !(await this.#allAccept());
  }

  async #allAccept(): Promise<boolean> {
    for (const { port } of this.#required) if (!(await this.#actor.context.machine.acceptsConnections(port))) return false;
    return true;
  }

  async #passesTests(): Promise<boolean> {
    const { ready } = this.#actor.service;
    const { clock } = this.#actor.context.machine;
    const context = testContextOf(this.#actor, this.#signal);
    const leftMs = () => Math.max(1, this.#deadlineMs - clock.now());
    for (const test of ready.tests) {
      if (await unmetTest(test, context, Math.min(leftMs(), TEST_TIMEOUT_MS))) {
        await clock.sleep(test.kind === 'log' ? POLL_MS.most : Math.min(ready.intervalMs, leftMs()), this.#signal);
        return false;
      }
    }
    return true;
  }
}
