/** Finds and loads the config of the working directory, whose text was compiled and kept before, as devup's fast commands do. */
import { homedir } from 'node:os';
import { findKept, loadKept } from '../../src/config/kept.ts';
import { systemClock } from '../../src/machine/clock.ts';

export async function load(): Promise<boolean> {
  const found = await findKept({ cwd: process.cwd(), explicit: null, env: process.env, home: homedir() });
  if (!found?.ok) return false;
  const loaded = await loadKept(found.value, {
    env: process.env,
    platform: process.platform,
    clock: systemClock,
    version: __DEVUP_VERSION__,
  });
  return loaded?.ok === true;
}
