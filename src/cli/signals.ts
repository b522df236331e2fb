/**
 * What signals mean to a process that supervises: INT, TERM and HUP end everything in order, a second one kills what is
 * left now, QUIT kills at once. A terminal's stop, USR1 (it would open Node's inspector), USR2 and PIPE are ignored.
 */
import type { Supervisor } from '../supervisor/supervisor.ts';

const ORDERED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Installs the handlers; call it after the config was loaded, so that Ctrl-C ends a config that spins. */
export function superviseSignals(supervisor: Supervisor): void {
  const { eventLog: events } = supervisor;
  let asked = false;
  const handle = (signal: keyof typeof ORDERED) => {
    if (!asked) events.append({ type: 'notice', service: null, notice: { kind: 'stopping', signal } });
    void supervisor.shutdown(asked ? 'kill' : 'ordered', { exitCode: ORDERED[signal], failure: null });
    asked = true;
  };
  for (const signal of Object.keys(ORDERED) as (keyof typeof ORDERED)[]) process.on(signal, () => handle(signal));
  process.on('SIGQUIT', () => void supervisor.shutdown('kill', { exitCode: 131, failure: null }));
  process.on('SIGTSTP', () => events.append({ type: 'notice', service: null, notice: { kind: 'use-detach' } }));
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  process.on('uncaughtException', (error) => supervisor.context.onBug(error));
  process.on('unhandledRejection', (error) => supervisor.context.onBug(error));
}
