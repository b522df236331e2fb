/**
 * Places where a test lets devup itself go wrong: `DEVUP_FAIL=<place>:<action>[:<service>[:<time>]]`, in the build for tests
 * only. `throw` is a bug in our code at that place, `kill` the death of this process, `hang` an answer that never comes.
 * `time` counts from 1: the second spawn of a service is its restart.
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

let met = 0;

/**
 * True when the place is to fail and its caller knows how. Throws, never returns or ends the process when told to.
 * `service` is null at a place of the session.
 */
export async function failpoint(place: FailPlace, service: string | null): Promise<boolean> {
  if (!__DEVUP_TEST_BUILD__) return false;
  const [wanted, action, only = '', time = '1'] = (process.env['DEVUP_FAIL'] ?? '').split(':');
  if (wanted !== place || (only !== '' && only !== service)) return false;
  met += 1;
  if (met < Number(time)) return false;
  if ((action as Action) === 'throw') throw new Error(`planted bug at ${place} of ${service ?? 'the session'}`);
  if ((action as Action) === 'kill') process.kill(process.pid, 'SIGKILL');
  if ((action as Action) === 'hang') await new Promise(() => undefined);
  return true;
}

/** Between two ticks; in the build for tests a test may choose it. */
export function watchEveryMs(usual: number): number {
  return __DEVUP_TEST_BUILD__ ? Number(process.env['DEVUP_WATCH_MS'] ?? usual) : usual;
}
