/**
 * Which processes devup never stops on its own account, and why. The sentences (and what to do instead) are made in
 * `render/words.ts`.
 */
import type { Machine } from '../machine/machine.ts';
import { GRACE_MS } from '../model/graces.ts';
import type { Holder, RefuseReason } from '../model/port.ts';
import { isContainerProxy } from './container-proxy.ts';
import { interpretedName, programNames } from './program.ts';
import { exactProgramKind, TREATMENT, treatmentAsSpelled } from './shared-programs.ts';

/** Kinds of processes that devup must not signal. */
export type Nature = Exclude<RefuseReason, { readonly kind: 'other-stack' | 'sibling' | 'debugged' | 'unidentified' }>;

export interface NatureFacts {
  readonly machine: Machine;
  /** A claim acts on devup's own account. The user named the port of a `kill`, which as root may end other users' processes. */
  readonly asker: 'claim' | 'kill';
  /** Our own ancestors' pids: the shell and the terminal that run us. */
  readonly ancestors: ReadonlySet<number>;
}

/** Null: the holder may be stopped, unless it belongs to a session. */
export function natureOf(holder: Holder, facts: NatureFacts): Nature | null {
  const { machine } = facts;
  if (holder.pid <= 1) return { kind: 'init' };
  if (holder.pid === machine.pid) return { kind: 'self' };
  if (facts.ancestors.has(holder.pid)) return { kind: 'ancestor' };
  if (holder.executable === null && holder.argv.length === 0 && holder.ancestors[0]?.name === 'kthreadd') return { kind: 'kernel-thread' };
  const known = programNames(holder);
  if (isContainerProxy(holder) || holder.container) {
    const { container, published } = holder;
    return { kind: 'container', container, stopCommand: null, ...(published ? { published } : {}) };
  }
  if (isAirPlay(machine, holder)) return { kind: 'airplay' };
  if (holder.unit) {
    const stopCommand = machine.platform.commands.stopUnit(holder.unit, holder.uid === 0 ? 'root' : 'user');
    return { kind: 'unit', unit: holder.unit, stopCommand };
  }
  const system = known.find((name) => treatmentAsSpelled(name)?.refusedAs === 'system-service');
  if (system) return { kind: 'system-service', name: system };
  if (isAnotherUsers(holder, facts)) return { kind: 'other-user', uid: holder.uid, user: holder.user };
  const script = interpretedName(holder);
  for (const name of script === null ? known : [...known, script]) {
    const kind = exactProgramKind(name);
    const refusedAs = kind && TREATMENT[kind].refusedAs;
    if (refusedAs === 'port-forwarder') return { kind: 'port-forwarder', name };
    if ((refusedAs === 'interactive' || refusedAs === 'shared') && facts.asker === 'claim') return { kind: refusedAs, name };
  }
  return null;
}

function isAnotherUsers({ uid }: Holder, { machine, asker }: NatureFacts): boolean {
  if (uid === null || machine.uid === null || uid === machine.uid) return false;
  return asker === 'claim' || machine.uid !== 0;
}

export function isAirPlay({ platform }: Machine, holder: Holder): boolean {
  return platform.airPlay !== null && programNames(holder).includes(platform.airPlay.program);
}

/** The pids of this process and its ancestors. */
export async function ownAncestors(machine: Machine): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (
    let row = await machine.process(machine.pid);
    row && !found.has(row.pid);
    row = row.ppid > 0 ? await machine.process(row.ppid) : null
  ) {
    found.add(row.pid);
  }
  return found;
}

/** Foreign data servers lose data when they are killed, so they get a long grace and no automatic SIGKILL. */
export function dataServer(holder: Holder): { readonly signal: 'SIGINT' | 'SIGTERM'; readonly graceMs: number } | null {
  for (const name of programNames(holder)) {
    const signal = treatmentAsSpelled(name)?.savesOn;
    if (signal) return { signal, graceMs: GRACE_MS.foreignDataServer };
  }
  return null;
}
