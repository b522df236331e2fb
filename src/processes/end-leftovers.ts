/** Ends leftovers, for `start`, `stop` and `kill`. They belong to the stack, so all of them are killed if necessary. */
import type { Machine, Signal } from '../machine/machine.ts';
import type { Failure } from '../model/failure.ts';
import { GRACE_MS } from '../model/graces.ts';
import { type Holder, type ProcessId, sameProcess } from '../model/port.ts';
import { removeDebugRecord } from './debug-record.ts';
import { describeAll, nameOnly } from './describe.ts';
import { end } from './end.ts';
import { findLeftoverContainers, type LeftoverContainer, stopLeftoverContainer } from './leftover-containers.ts';
import { type LeftoverSource, LeftoverTargets } from './leftovers.ts';

export interface EndedLeftovers {
  /** All leftovers that were found, described before they were signalled. */
  readonly found: readonly LeftoverFound[];
  readonly signalled: readonly { readonly id: ProcessId; readonly signal: Signal }[];
  /** Containers that were stopped through their engine. */
  readonly containers: readonly LeftoverContainer[];
  /** E110, which names the survivors, or E113 for a container; null when nothing is left. */
  readonly failure: Extract<Failure, { readonly code: 'E110' | 'E113' }> | null;
}

export interface LeftoverFound extends Holder {
  readonly service: string;
}

export interface EndLeftoversOptions {
  /** Only leftovers of these services; default: all. */
  readonly services?: readonly string[];
  /** Default: SIGTERM. Null: straight to SIGKILL. */
  readonly signal?: Signal | null;
  /** Aborted: the grace is over now. */
  readonly graceOver?: AbortSignal;
}

export async function endLeftovers(
  machine: Machine,
  source: LeftoverSource,
  { services, signal = 'SIGTERM', graceOver }: EndLeftoversOptions = {},
): Promise<EndedLeftovers> {
  const targets = new LeftoverTargets(machine, source, services ?? null);
  await targets.scan();
  const leftovers = targets.members;
  // Their clients go first, and with them the containers of most.
  if (leftovers.length === 0) {
    await forgetDebuggers(machine, source, services);
    return { found: [], signalled: [], ...(await stopContainers(source, services ?? null)) };
  }
  const described = await describeAll(machine, leftovers);
  const found = described.map((holder) => ({ ...holder, service: leftovers.find((one) => sameProcess(one, holder))?.service ?? '' }));
  const report = await end(machine, targets, { signal, graceMs: GRACE_MS.leftover, ...(graceOver && { graceOver }) });
  const survivors = report.survivors.length === 0 ? [] : await describeSurvivors(machine, targets);
  const service = leftovers[0]?.service ?? '';
  const failure = survivors.length === 0 ? null : ({ code: 'E110', kind: 'survivors', service, survivors, ports: [] } as const);
  if (failure === null) await forgetDebuggers(machine, source, services);
  const { containers, failure: unstopped } = await stopContainers(source, services ?? null);
  return { found, signalled: report.signalled, containers, failure: failure ?? unstopped };
}

/** A chain of short-lived processes survives although each of its links ends. */
async function describeSurvivors(machine: Machine, targets: LeftoverTargets): Promise<readonly Holder[]> {
  await targets.scan();
  const living = await describeAll(machine, targets.members);
  return living.length > 0 ? living : targets.members.map((one) => nameOnly(one, one.name));
}

async function stopContainers(
  source: LeftoverSource,
  services: readonly string[] | null,
): Promise<Pick<EndedLeftovers, 'containers' | 'failure'>> {
  const containers = await findLeftoverContainers(source, services);
  let failure: EndedLeftovers['failure'] = null;
  for (const container of containers) {
    const got = await stopLeftoverContainer(container);
    const { service, client, name } = container;
    if (got !== null)
      failure ??= {
        code: 'E113',
        kind: 'stop-command-failed',
        service,
        ofEngine: true,
        command: `${client.engine.join(' ')} stop ${name}`,
        got,
      };
  }
  return { containers, failure };
}

/** Nothing of what they ran is left. */
async function forgetDebuggers(machine: Machine, { debug }: LeftoverSource, services?: readonly string[]): Promise<void> {
  for (const record of debug?.dead ?? []) {
    if (debug && (services?.includes(record.service) ?? true)) await removeDebugRecord(machine, debug.folder, record);
  }
}
