/** The states of a service as the contract names them. */
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

/** States that satisfy "is it up?": `devup wait`, `status` and `start -d` use this one rule. */
export function countsAsReady(state: ServiceState): boolean {
  return state === 'ready' || state === 'completed' || state === 'external';
}
