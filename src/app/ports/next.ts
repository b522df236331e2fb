/**
 * Finds the lowest port of a range that no service declares and that is free now. The result names the ports passed over
 * below it: one that is merely in use today may be the right choice.
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
/** How far above a full range the search goes on. */
const MAX_BEYOND = 100;

export type DeclaredPorts = readonly Pick<Declaration, 'service' | 'port'>[];

/** `beyond`: the lowest free port above a full range. */
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

/** The last port passed over, and the last few that are only in use now. */
export function nearMisses(passedOver: readonly PassedOver[]): readonly PassedOver[] {
  const passing = passedOver.filter(({ why }) => why === 'held').slice(-MAX_NAMED);
  return passedOver.filter((one, i) => passing.includes(one) || i === passedOver.length - 1);
}

/** The lowest port that is not declared, held, or blocked by browsers or the system. */
export async function lowestFree(range: PortRange, declared: DeclaredPorts, { machine }: AppContext): Promise<FreePort> {
  const facts = await portFacts(machine);
  const listening = new Set((await machine.listenSockets()).map(({ port }) => port));
  const passedOver: PassedOver[] = [];
  for (let port = range.from; port <= range.to; port++) {
    // A declared port is not even probed: its service may be about to bind it.
    const owner = declared.find((one) => one.port === port);
    const trouble = portTroubles(port, facts).find(({ kind }) => kind === 'blocked' || kind === 'airplay' || kind === 'excluded');
    if (owner) passedOver.push({ port, why: 'declared', service: owner.service });
    else if (trouble) passedOver.push({ port, why: trouble.kind === 'excluded' ? 'refused' : 'blocked', trouble });
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
