/**
 * Signals of a process that supervises. INT, TERM and HUP end everything in order, and a second one kills what is left; QUIT kills at once.
 * TSTP, USR1 (which would open Node's inspector), USR2 and PIPE are ignored. After the session has ended, signals have their default effect
 * again: a process whose output is no longer read must still end at a signal.
 */
import type { Clock } from '../machine/machine.ts';
import type { EndSignal } from '../model/ending.ts';
import { COPIED_SIGNAL_MS } from '../model/graces.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

type InterruptingSignal = Exclude<EndSignal, 'SIGQUIT'>;

const INTERRUPTING: readonly InterruptingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface EndSignalOptions {
  readonly clock: Clock;
  /** Whether SIGHUP is ignored, see `machine/hang-up.ts`. */
  readonly survivesHangUp: boolean;
  readonly source?: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/**
 * Calls `handle` once for each request to end, however many signals it consists of. Returns how to stop: the signals then have their default
 * effect again, except for copies of the last request.
 */
export function onEndSignals(options: EndSignalOptions, handle: (signal: InterruptingSignal) => void): () => void {
  const { clock, survivesHangUp, source = process } = options;
  let copiesUntil = Number.NEGATIVE_INFINITY;
  const handlers = INTERRUPTING.filter((name) => name !== 'SIGHUP' || !survivesHangUp).map((name) => {
    const handler = () => {
      if (clock.now() < copiesUntil) return;
      copiesUntil = clock.now() + COPIED_SIGNAL_MS;
      handle(name);
    };
    return [name, handler] as const;
  });
  for (const [name, handler] of handlers) source.on(name, handler);
  const remove = () => {
    for (const [name, handler] of handlers) source.off(name, handler);
  };
  return () => {
    const leftMs = copiesUntil - clock.now();
    if (leftMs > 0) void clock.sleep(leftMs).then(remove);
    else remove();
  };
}

/** The last output may take this long before a signal cuts it off. */
const DRAIN_MS = 500;

/** Installs the handlers. Call it after the config is loaded, so that Ctrl-C ends a config that loops. */
export function superviseSignals(supervisor: Supervisor, survivesHangUp: boolean): void {
  const { eventLog: events } = supervisor;
  const { clock } = supervisor.context.machine;
  let ending = false;
  let overAt = Number.POSITIVE_INFINITY;
  void supervisor.ended.then(() => {
    overAt = clock.now();
  });
  const end = (signal: EndSignal, how: 'ordered' | 'kill') => {
    if (clock.now() > overAt + DRAIN_MS) return dieOf(signal);
    if (!ending) events.append({ type: 'notice', service: null, notice: { kind: 'stopping', signal } });
    ending = true;
    void supervisor.shutdown(how, { why: 'signal', signal });
  };
  onEndSignals({ clock, survivesHangUp }, (signal) => end(signal, ending ? 'kill' : 'ordered'));
  process.on('SIGQUIT', () => end('SIGQUIT', 'kill'));
  process.on('SIGTSTP', () => events.append({ type: 'notice', service: null, notice: { kind: 'use-detach' } }));
  ignoreOtherSignals();
}

/** By default USR1 opens Node's inspector, and the others end the process at once. */
export function ignoreOtherSignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => undefined);
}

/** Gives SIGHUP the effect that `nohup` asked for, and that Node has undone. */
export function ignoreHangUps(): void {
  process.on('SIGHUP', () => undefined);
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
