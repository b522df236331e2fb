/**
 * What signals mean to a process that supervises: INT, TERM and HUP end everything in order, a second one kills what is
 * left now, QUIT kills at once. A terminal's stop, USR1 (it would open Node's inspector), USR2 and PIPE are ignored. Once the
 * session is over a signal means what it means to everybody: a reader that takes no more of our output must not keep us.
 */
import type { Supervisor } from '../supervisor/supervisor.ts';

const ORDERED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const QUIT_EXIT_CODE = 131;

/** Calls back at each of them, with the exit code that tells of it, until the returned function is called. */
export function onEndSignals(handle: (signal: NodeJS.Signals, exitCode: number) => void): () => void {
  const handlers = Object.entries(ORDERED).map(([name, exitCode]) => [name, (signal: NodeJS.Signals) => handle(signal, exitCode)] as const);
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
  const end = (signal: NodeJS.Signals, how: 'ordered' | 'kill', exitCode: number) => {
    if (clock.now() > overAt + LAST_WORDS_MS) return dieOf(signal);
    if (!asked) events.append({ type: 'notice', service: null, notice: { kind: 'stopping', signal } });
    asked = true;
    void supervisor.shutdown(how, { exitCode, failure: null });
  };
  onEndSignals((signal, exitCode) => end(signal, asked ? 'kill' : 'ordered', exitCode));
  process.on('SIGQUIT', (signal) => end(signal, 'kill', QUIT_EXIT_CODE));
  process.on('SIGTSTP', () => events.append({ type: 'notice', service: null, notice: { kind: 'use-detach' } }));
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => undefined);
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
