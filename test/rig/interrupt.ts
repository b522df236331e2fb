/** A second Ctrl-C, however busy the machine is: one that follows the first too soon counts as its copy. */
import { processRow } from '../../scripts/world.mjs';
import { eventually } from './eventually.ts';
import type { Puppet } from './puppets.ts';

/** Repeats the interrupt until none of the services is alive. */
export async function interruptUntilKilled(puppets: readonly Puppet[], interrupt: () => void): Promise<void> {
  await eventually('the services to be killed', () => {
    if (!puppets.flatMap((puppet) => puppet.pids()).some((pid) => processRow(pid) !== null)) return true;
    interrupt();
    return false;
  });
}
