import type { PortFacts } from '../model/port-trouble.ts';
import { ephemeralPorts } from './ephemeral.ts';
import { excludedPorts } from './excluded-ports.ts';
import type { Machine } from './machine.ts';

/** What this system does with ports by itself. */
export async function portFacts(platform: Machine['platform']): Promise<PortFacts> {
  const [ephemeral, excluded] = await Promise.all([ephemeralPorts(platform), excludedPorts(platform)]);
  return { platform, ephemeral, excluded };
}
