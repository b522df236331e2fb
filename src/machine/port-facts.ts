import type { PortFacts } from '../model/port-trouble.ts';
import type { Machine } from './machine.ts';

/** The ports that this system itself uses or reserves. */
export async function portFacts(machine: Pick<Machine, 'platform' | 'ephemeralPorts' | 'excludedPorts'>): Promise<PortFacts> {
  const [ephemeral, excluded] = await Promise.all([machine.ephemeralPorts(), machine.excludedPorts()]);
  return { ephemeral, excluded, airPlayPorts: machine.platform.airPlay?.ports ?? [] };
}
