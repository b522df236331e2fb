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
