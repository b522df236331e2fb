/** Gets ports from services of other stacks, by asking their sessions to stop them. */
import type { Machine } from '../machine/machine.ts';
import type { Assessment } from '../model/assessment.ts';
import type { Failure } from '../model/failure.ts';
import type { OtherSessions, TakeOver } from '../model/take-over.ts';
import { identifyPorts } from './identify.ts';
import { waitFree } from './probe.ts';

export interface TakeOverContext {
  readonly machine: Machine;
  readonly others: OtherSessions;
  /** Called before the services are stopped. `service` is the first one that wants a port of theirs. */
  readonly onTakingOver?: (service: string, takeOver: TakeOver) => void;
  readonly onTakenOver?: (service: string, takeOver: TakeOver) => void;
}

interface Wanted {
  /** The first service that wants a port. */
  readonly by: string;
  readonly stackId: string;
  readonly services: readonly string[];
}

/** Finds the services of other stacks that a claim with these assessments would stop. Touches nothing. */
export async function findTakeOvers(assessments: readonly Assessment[], others: OtherSessions): Promise<readonly TakeOver[]> {
  const found = await Promise.all(wantedFrom(assessments).map(({ stackId, services }) => others.find(stackId, services)));
  return found.filter((one) => one !== null);
}

/** Stops the services of each other stack with one order. Failures: E202 for a port that is still held afterwards. */
export async function takeOver(
  held: readonly Assessment[],
  { machine, others, onTakingOver, onTakenOver }: TakeOverContext,
): Promise<readonly { service: string; failure: Failure }[]> {
  for (const { by, stackId, services } of wantedFrom(held)) {
    const found = await others.find(stackId, services);
    if (found) onTakingOver?.(by, found);
    const stopped = await others.stop(stackId, services);
    if (stopped) onTakenOver?.(by, stopped);
  }
  const busy = await waitFree(
    machine,
    held.map(({ port }) => port),
  );
  const states = await identifyPorts(machine, busy, { busy });
  return held.flatMap(({ service, port }) => {
    const state = states.get(port);
    if (!state || state.kind === 'free') return [];
    return [{ service, failure: { code: 'E202', kind: 'port-still-held', port, state, respawnedBy: null, graceful: false } as const }];
  });
}

/** The services to stop, by stack. */
function wantedFrom(assessments: readonly Assessment[]): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { service: by, action } of assessments) {
    if (action.kind !== 'take-over') continue;
    for (const { stackId, service } of action.from) {
      const known = wanted.get(stackId) ?? { by, stackId, services: [] };
      if (!known.services.includes(service)) wanted.set(stackId, { ...known, services: [...known.services, service] });
    }
  }
  return [...wanted.values()];
}
