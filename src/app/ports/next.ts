/**
 * The lowest port of a range that no service declares and that is free now. Those below it that were passed over are named:
 * a stranger there will be gone tomorrow, and the number with it.
 */

import { portFacts } from '../../machine/port-facts.ts';
import type { PortState } from '../../model/port.ts';
import type { PortRange } from '../../model/port-range.ts';
import type { Declaration, PassedOver } from '../../model/port-report.ts';
import { portTroubles } from '../../model/port-trouble.ts';
import { identifyPorts } from '../../ports/identify.ts';
import type { AppContext } from '../context.ts';

export interface FreePort {
  readonly next: number | null;
  readonly passedOver: readonly PassedOver[];
}

const MAX_NAMED = 3;
/** So far beyond a full range the next free port is looked for. */
const MAX_BEYOND = 100;

export type DeclaredPorts = readonly Pick<Declaration, 'service' | 'port'>[];

/** `beyond`: where the whole range is taken, the lowest free port above it. */
export async function nextPort(
  range: PortRange,
  declared: DeclaredPorts,
  context: AppContext,
): Promise<FreePort & { readonly beyond: number | null }> {
  const { to } = range;
  const { next, passedOver } = await lowestFree(range, declared, context);
  const above = { from: to + 1, to: Math.min(to + MAX_BEYOND, 65_535) };
  const beyond = next === null && to < 65_535 ? (await lowestFree(above, declared, context)).next : null;
  return { next, passedOver, beyond };
}

/** The last ones before it, and whatever is merely in use now. */
export function nearMisses(passedOver: readonly PassedOver[]): readonly PassedOver[] {
  const passing = passedOver.filter(({ why }) => why === 'held').slice(-MAX_NAMED);
  return passedOver.filter((one, i) => passing.includes(one) || i === passedOver.length - 1);
}

/** The lowest one that nobody declares, holds, or would have trouble with. */
export async function lowestFree(range: PortRange, declared: DeclaredPorts, { machine }: AppContext): Promise<FreePort> {
  const facts = await portFacts(machine);
  const listening = new Set((await machine.listenSockets()).map(({ port }) => port));
  const passedOver: PassedOver[] = [];
  for (let port = range.from; port <= range.to; port++) {
    // Declared ports are never bound, not even for a look; the others belong to nobody.
    const owner = declared.find((one) => one.port === port);
    const trouble = portTroubles(port, facts).find(({ kind }) => kind === 'blocked' || kind === 'airplay' || kind === 'excluded');
    if (owner) passedOver.push({ port, why: 'declared', service: owner.service });
    else if (trouble) passedOver.push({ port, why: trouble.kind === 'excluded' ? 'refused' : 'blocked', because: trouble.why });
    else if (listening.has(port)) passedOver.push({ port, why: 'held', state: await stateOfPort(port, machine) });
    else {
      const probe = await machine.canBind(port);
      if (probe.free) return { next: port, passedOver };
      passedOver.push({ port, why: 'refused', errno: probe.errno });
    }
  }
  return { next: null, passedOver };
}

export async function stateOfPort(port: number, machine: AppContext['machine']): Promise<PortState> {
  return (await identifyPorts(machine, [port])).get(port) ?? { port, kind: 'free' };
}
