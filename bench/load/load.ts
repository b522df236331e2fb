/** Finds and loads the config of the working directory from its cached text, as devup's short commands do. */
import { homedir } from 'node:os';
import { findConfig } from '../../src/config/find/find.ts';
import { loadStack } from '../../src/config/load.ts';
import { systemClock } from '../../src/machine/clock.ts';
import { currentMachine } from '../../src/machine/current.ts';

export async function load(): Promise<boolean> {
  const found = await findConfig({ cwd: process.cwd(), explicit: null, env: process.env, home: homedir() });
  if (!found.ok) return false;
  const loaded = await loadStack(found.value, {
    env: process.env,
    platform: currentMachine().platform,
    clock: systemClock,
    version: __DEVUP_VERSION__,
  });
  return loaded.ok;
}
