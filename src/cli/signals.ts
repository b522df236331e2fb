/**
 * What signals mean to a process that supervises: INT, TERM and HUP end everything in order, a second one kills what is
 * left now, QUIT kills at once. A terminal's stop, USR1 (it would open Node's inspector), USR2 and PIPE are ignored. Once the
 * session is over a signal means what it means to everybody: a reader that takes no more of our output must not keep us.
 */
import type { EndSignal } from '../model/ending.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

type InterruptingSignal = Exclude<EndSignal, 'SIGQUIT'>;

const INTERRUPTING: readonly InterruptingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Calls back at each of them until the returned function is called. */
export function onEndSignals(handle: (signal: InterruptingSignal) => void): () => void {
  const handlers = INTERRUPTING.map((name) => [name, () => handle(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

/** The end of the output may take this long before a signal cuts it off. */
const LAST_WORDS_MS = 500;

/** Installs the handlers; call it after the config was loaded, so that Ctrl-C ends a config that spins. */
export function superviseSignals(supervisor: Supervisor): void {
  const { eventLog: events } = supervisor;
  const { clock } = supervisor.context.machine;
  let asked = false;
  let overAt = Number.POSITIVE_INFINITY;
  void supervisor.ended.then(() => {
    overAt = clock.now();
  });
  const end = (signal: EndSignal, how: 'ordered' | 'kill') => {
    if (clock.now() > overAt + LAST_WORDS_MS) return dieOf(signal);
    if (!asked) events.append({ type: 'notice', service: null, notice: { kind: 'stopping', signal } });
    asked = true;
    void supervisor.shutdown(how, { why: 'signal', signal });
  };
  onEndSignals((signal) => end(signal, asked ? 'kill' : 'ordered'));
  process.on('SIGQUIT', () => end('SIGQUIT', 'kill'));
  process.on('SIGTSTP', () => events.append({ type: 'notice', service: null, notice: { kind: 'use-detach' } }));
  ignoreOtherSignals();
}

/** USR1 would open Node's inspector; the others would end the process at once. */
export function ignoreOtherSignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => undefined);
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
