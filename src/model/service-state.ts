/** The states of a service, as users see them. */
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
  return state === 'ready' || state === 'completed' || state === 'external';
}

/** Nothing of it runs, and nothing will until it is started. */
export function isOver(state: ServiceState | 'claiming'): boolean {
  return state === 'completed' || isDown(state);
}

/** It is over without having done what it is for. */
export function isDown(state: ServiceState | 'claiming'): boolean {
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

/** It may answer requests. */
export function isServing(state: ServiceState): boolean {
  return state === 'ready' || state === 'unhealthy' || state === 'external';
}
