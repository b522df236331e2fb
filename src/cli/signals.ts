/**
 * Signals of a process that supervises. INT, TERM and HUP end everything in order, and a second one kills what is left; QUIT kills at once.
 * TSTP, USR1 (which would open Node's inspector), USR2 and PIPE are ignored. After the session has ended, signals have their default effect
 * again: a process whose output is no longer read must still end at a signal.
 */
import type { EndSignal } from '../model/ending.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

type InterruptingSignal = Exclude<EndSignal, 'SIGQUIT'>;

const INTERRUPTING: readonly InterruptingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Calls `handle` on each of these signals. Returns how to stop. */
export function onEndSignals(handle: (signal: InterruptingSignal) => void): () => void {
  const handlers = INTERRUPTING.map((name) => [name, () => handle(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

/** The last output may take this long before a signal cuts it off. */
const DRAIN_MS = 500;

/** Installs the handlers. Call it after the config is loaded, so that Ctrl-C ends a config that loops. */
export function superviseSignals(supervisor: Supervisor): void {
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
  onEndSignals((signal) => end(signal, ending ? 'kill' : 'ordered'));
  process.on('SIGQUIT', () => end('SIGQUIT', 'kill'));
  process.on('SIGTSTP', () => events.append({ type: 'notice', service: null, notice: { kind: 'use-detach' } }));
  ignoreOtherSignals();
}

/** By default USR1 opens Node's inspector, and the others end the process at once. */
export function ignoreOtherSignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => undefined);
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
