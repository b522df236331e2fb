/** Steps that several cells of the table in `lifecycle.ts` share. */
import type { Debugger } from './debugger.ts';
import type { Failure } from './failure.ts';
import type { AfterDebugging, AfterStop, InputOf, RestartCounts, State, StateOf, Work } from './lifecycle-states.ts';
import type { Restart } from './service.ts';

/** The part of a service's config that the table needs. */
export interface Rules {
  readonly name: string;
  readonly restart: Restart;
  /** Whether a failed health check is a reason to restart the service. */
  readonly healthRestarts: boolean;
  /** The service runs to completion. */
  readonly task: boolean;
}

export interface Step {
  readonly state: State;
  /** Omitted: the current work continues if the state's name stays, and is aborted if it changes. */
  readonly work?: Work;
}

export const FRESH: RestartCounts = { inARow: 0, everReady: false, claimRetried: false };
export const STOPPED: Step = { state: { name: 'stopped', why: null } };

export function waiting(tries: RestartCounts): Step {
  return { state: { name: 'waiting', tries }, work: { kind: 'awaitDeps' } };
}

export function stopping(
  state: StateOf<'starting' | 'ready' | 'unhealthy'>,
  next: AfterStop,
  how: 'ordered' | 'kill' | 'sweep',
  why: Failure | null = null,
): Step {
  return { state: { name: 'stopping', tries: state.tries, main: state.main, next, why }, work: { kind: 'end', how } };
}

/** The next state after a failure: `backoff`, or `failed` when the retries are used up. */
export function afterFailure(tries: RestartCounts, why: Failure, rules: Rules): AfterStop {
  if (rules.restart.policy === 'no' || !tries.everReady) return { to: 'failed', why };
  if (tries.inARow >= rules.restart.max) {
    return { to: 'failed', why: { code: 'E112', kind: 'restarts-exhausted', service: rules.name, max: rules.restart.max, last: why } };
  }
  return { to: 'backoff', why };
}

export function afterExit(state: StateOf<'starting' | 'ready' | 'unhealthy'>, input: InputOf<'exited'>, rules: Rules): AfterStop {
  if (input.ok && rules.task) return { to: 'completed' };
  if (rules.task) return { to: 'failed', why: input.why };
  // Another start would find the port held by what may be this service's daemon.
  if (input.why.code === 'E101' && input.why.left) return { to: 'failed', why: input.why };
  // The port was taken between the probe and the bind. One more claim names the holder, and frees the port or reports why not.
  if (state.name === 'starting' && input.portTaken && !state.tries.claimRetried) {
    return { to: 'waiting', tries: { ...state.tries, claimRetried: true } };
  }
  if (input.ok && state.name !== 'starting' && rules.restart.policy !== 'always') return { to: 'stopped', why: input.why };
  return afterFailure(state.tries, input.why, rules);
}

/** Start, stop and restart leave a debugged service alone, and only decide which state it returns to. */
export function debugging(by: Debugger, next: AfterDebugging): Step {
  return { state: { name: 'debugging', by, next }, work: { kind: 'watchDebugger' } };
}
/** A service that ran, or was about to run, starts again after the debugging. */
export const debugAndStart = (_: State, { by }: InputOf<'debug'>): Step => debugging(by, { to: 'waiting', tries: FRESH });
export const debugRunning = (state: StateOf<'starting' | 'ready' | 'unhealthy'>, { by }: InputOf<'debug'>): Step =>
  stopping(state, { to: 'debugging', by, next: { to: 'waiting', tries: FRESH } }, 'ordered');

/** An order during a stop replaces the state that follows the stop or, if a debugging follows, the state after that. */
export function redirect(next: AfterStop, to: AfterDebugging): AfterStop {
  return next.to === 'debugging' ? { ...next, next: to } : to;
}

export function settled(next: AfterDebugging): Step {
  switch (next.to) {
    case 'stopped':
      return { state: { name: 'stopped', why: next.why } };
    case 'completed':
      return { state: { name: 'completed' } };
    case 'waiting':
      return waiting(next.tries);
    case 'failed':
      return { state: { name: 'failed', why: next.why, survivors: [] } };
  }
}
