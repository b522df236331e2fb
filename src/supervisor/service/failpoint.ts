/**
 * Failures that a test plants in devup with `DEVUP_FAIL=<place>:<action>[:<service>[:<time>]]`, in the test build only. `throw`: a bug at
 * that place; `kill`: the death of this process; `hang`: a promise that never settles. `time` counts from 1: the second spawn of a service
 * is its restart.
 */
export type FailPlace =
  | 'before-record'
  | 'after-record'
  | 'after-spawn'
  | 'before-recorded'
  | 'after-ready'
  | 'while-ending'
  | 'after-ending'
  | 'before-guard-leaves'
  | 'before-record-removal'
  | 'after-record-removal'
  | 'actor-impossible';
type Action = 'throw' | 'kill' | 'hang';

let hits = 0;

/**
 * Resolves with true if the caller has to fail in its own way. Otherwise throws, hangs or ends the process, as `DEVUP_FAIL` says. `service`
 * is null at a place that belongs to the session.
 */
export async function failpoint(place: FailPlace, service: string | null): Promise<boolean> {
  if (!__DEVUP_TEST_BUILD__) return false;
  const [failingPlace, action, only = '', time = '1'] = (process.env['DEVUP_FAIL'] ?? '').split(':');
  if (failingPlace !== place || (only !== '' && only !== service)) return false;
  hits += 1;
  if (hits < Number(time)) return false;
  if ((action as Action) === 'throw') throw new Error(`planted bug at ${place} of ${service ?? 'the session'}`);
  if ((action as Action) === 'kill') process.kill(process.pid, 'SIGKILL');
  if ((action as Action) === 'hang') await new Promise(() => undefined);
  return true;
}

/** The time between two ticks, which a test may set in the test build. */
export function watchEveryMs(usual: number): number {
  return __DEVUP_TEST_BUILD__ ? Number(process.env['DEVUP_WATCH_MS'] ?? usual) : usual;
}
