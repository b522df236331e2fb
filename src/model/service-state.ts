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
  | 'external';

/** The one rule for "is it up?", used by `devup wait`, `status` and `start -d`. */
export function countsAsReady(state: ServiceState): boolean {
  return isAvailable(state) || state === 'completed';
}

/** Nothing of it runs, and nothing will until it is started. */
export function isOver(state: StateName): boolean {
  return state === 'stopped' || hasFinished(state);
}

/** It is over, and no order ended it. */
export function hasFinished(state: StateName): boolean {
  return state === 'completed' || state === 'failed';
}

/** It is over without having done what it is for. */
export function isDown(state: StateName): boolean {
  return state === 'stopped' || state === 'failed';
}

/** devup runs it, or is about to. */
export function isSupervised(state: ServiceState): boolean {
  return !isOver(state) && state !== 'external';
}

/** Its process is there, or was there and did its work. */
export function hasStarted(state: ServiceState): boolean {
  return state === 'starting' || state === 'unhealthy' || countsAsReady(state);
}

/** Its process runs and has been ready. */
export function hasComeUp(state: StateName): boolean {
  return state === 'ready' || state === 'unhealthy';
}

/** It has been ready since its process was started. */
export function hasBeenReady(state: StateName): boolean {
  return hasComeUp(state) || state === 'completed';
}

/** It has failed, or it runs and does not pass its tests. */
export function isBroken(state: ServiceState): boolean {
  return state === 'failed' || state === 'unhealthy';
}

/** It answers requests, as far as is known. */
export function isAvailable(state: ServiceState): boolean {
  return state === 'ready' || state === 'external';
}

/** It may answer requests. */
export function isServing(state: ServiceState): boolean {
  return isAvailable(state) || state === 'unhealthy';
}

/** A process of the service may exist. */
export function hasProcess(state: State): state is StateOf<'starting' | 'ready' | 'unhealthy' | 'stopping'> {
  return hasComeUp(state.name) || state.name === 'starting' || state.name === 'stopping';
}
