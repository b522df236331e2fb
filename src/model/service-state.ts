/** The states of a service, as users see them, and every set of states that the program asks for. */
import type { State, StateName, StateOf } from './lifecycle-states.ts';

export type ServiceState =
  | 'stopped'
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'unhealthy'
  | 'stopping'
  | 'backoff'
  | 'completed'
  | 'failed'
  | 'external'
  /** The service runs on a user's terminal (`devup debug`), and the session leaves it alone. */
  | 'debugging';

/** Whether the service counts as ready for `devup wait`, `status` and `start -d`. */
export function countsAsReady(state: ServiceState): boolean {
  return isAvailable(state) || state === 'completed';
}

/** No process of the service runs, and none will until it is started. */
export function isOver(state: StateName): boolean {
  return state === 'stopped' || hasFinished(state);
}

/** The service is over, and no order ended it. */
export function hasFinished(state: StateName): boolean {
  return state === 'completed' || state === 'failed';
}

/** The service is over, and has not done its work. */
export function isDown(state: StateName): boolean {
  return state === 'stopped' || state === 'failed';
}

/** devup runs the service, or is about to. */
export function isSupervised(state: ServiceState): boolean {
  return !isOver(state) && state !== 'external' && state !== 'debugging';
}

/** The service's process exists, or has done its work and ended. */
export function hasStarted(state: ServiceState): boolean {
  return state === 'starting' || state === 'unhealthy' || state === 'debugging' || countsAsReady(state);
}

/** The service's process runs and has been ready. */
export function hasComeUp(state: StateName): boolean {
  return state === 'ready' || state === 'unhealthy';
}

/** The service has been ready since its process was started. */
export function hasBeenReady(state: StateName): boolean {
  return hasComeUp(state) || state === 'completed';
}

/** The service has failed, or runs and does not pass its tests. */
export function isBroken(state: ServiceState): boolean {
  return state === 'failed' || state === 'unhealthy';
}

/** The service answers requests, as far as is known. */
export function isAvailable(state: ServiceState): boolean {
  return state === 'ready' || state === 'external';
}

/** The service may answer requests. */
export function isServing(state: ServiceState): boolean {
  return isAvailable(state) || state === 'unhealthy';
}

/** A process of the service may exist. */
export function hasProcess(state: State): state is StateOf<'starting' | 'ready' | 'unhealthy' | 'stopping'> {
  return hasComeUp(state.name) || state.name === 'starting' || state.name === 'stopping';
}
