/**
 * Places where a test lets devup itself go wrong: `DEVUP_FAIL=<place>:<action>[:<service>]`, in the build for tests only.
 * `throw` is a bug in our code at that place, `kill` the death of this process, `hang` an answer that never comes.
 */
export type Place = 'after-spawn' | 'while-ending' | 'actor-impossible';
type Action = 'throw' | 'kill' | 'hang';

/** True when the place is to fail and its caller knows how. Throws, never returns or ends the process when told to. */
export async function failpoint(place: Place, service: string): Promise<boolean> {
  if (!__DEVUP_TEST_BUILD__) return false;
  const [wanted, action, only] = (process.env['DEVUP_FAIL'] ?? '').split(':');
  if (wanted !== place || (only !== undefined && only !== service)) return false;
  if ((action as Action) === 'throw') throw new Error(`planted bug at ${place} of ${service}`);
  if ((action as Action) === 'kill') process.kill(process.pid, 'SIGKILL');
  if ((action as Action) === 'hang') await new Promise(() => undefined);
  return true;
}

/** How often the ports are looked at: in the build for tests, as often as the test likes. */
export function watchEveryMs(usual: number): number {
  return __DEVUP_TEST_BUILD__ ? Number(process.env['DEVUP_WATCH_MS'] ?? usual) : usual;
}
