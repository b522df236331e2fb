/**
 * Decides how `kill` frees a port: each holder is stopped by its session, stopped with its container, ended, or refused.
 * One refused holder keeps the port held, so the others are then left alone too. Signals nothing: `--dry-run` shows
 * these decisions.
 */
import type { ContainerNames } from '../../model/container-names.ts';
import type { Failure } from '../../model/failure.ts';
import type { Holder, PortState, RefuseReason } from '../../model/port.ts';
import type { Snapshot } from '../../model/session.ts';
import { type HolderFacts, type JudgedHolder, judgeHolder } from '../../ports/verdict.ts';
import type { RunTool } from '../../processes/engine.ts';
import { findContainer } from '../../processes/published-container.ts';
import type { Nature } from '../../processes/refuse.ts';

export interface SessionService {
  readonly stackId: string;
  readonly service: string;
}

export interface Decision {
  readonly port: number;
  readonly state: PortState;
  /** E205: no holder of the port is touched. */
  readonly refused: Failure | null;
  readonly fates: readonly { readonly holder: Holder; readonly fate: SettledFate }[];
}

export interface DecideContext {
  readonly facts: HolderFacts;
  /** The snapshot of this stack's live session. */
  readonly own: Snapshot | null;
  /** Runs the container engines; by default, the installed ones. */
  readonly runTool?: RunTool;
}

type Fate =
  | { readonly kind: 'refuse'; readonly reason: RefuseReason }
  | { readonly kind: 'session'; readonly of: SessionService }
  /** The session that started the holder has ended. */
  | { readonly kind: 'leftover'; readonly of: SessionService }
  /** The holder forwards the port into a container, which is stopped instead. */
  | { readonly kind: 'published' }
  | { readonly kind: 'end' };

/** A decision whose container is known. */
type SettledFate = Exclude<Fate, { kind: 'refuse' | 'published' }> | { readonly kind: 'container'; readonly container: ContainerNames };

export async function decide(state: PortState, context: DecideContext): Promise<Decision> {
  const { port } = state;
  if (state.kind === 'free') return { port, state, refused: null, fates: [] };
  if (state.kind === 'hidden') return refused(state, { kind: 'unidentified', reason: state.reason }, null);
  const fates: Decision['fates'][number][] = [];
  for (const holder of state.holders) {
    const fate = fateOf(await judgeHolder(holder, { port, service: null }, factsAbout(holder, context)), context.facts.stackId);
    if (fate.kind === 'refuse') return refused(state, fate.reason, holder);
    if (fate.kind !== 'published') fates.push({ holder, fate });
    else {
      const container = await findContainer(port, holder.container, context.runTool);
      if (container) fates.push({ holder, fate: { kind: 'container', container } });
      else return refused(state, unknownContainer(holder, port), holder);
    }
  }
  return { port, state, refused: null, fates };
}

/** The record is only for processes without a marker whose session has ended: a live session knows its own. */
function factsAbout(holder: Holder, { facts }: DecideContext): HolderFacts {
  return holder.stack || facts.ownSessionAlive ? { ...facts, record: null } : facts;
}

function unknownContainer({ container }: Holder, port: number): RefuseReason {
  return { kind: 'container', container, stopCommand: `docker stop $(docker ps -q --filter publish=${port})` };
}

function refused(state: PortState, reason: RefuseReason, holder: Holder | null): Decision {
  const { port } = state;
  return { port, state, refused: { code: 'E205', kind: 'kill-refused', port, state, refused: reason, holder }, fates: [] };
}

/** Refused even if a session could stop the holder: the end of one of these processes would end this command. */
const ABOVE_US: readonly RefuseReason['kind'][] = ['init', 'self', 'ancestor'];

/** The actions of `kill`, by the owner and nature of a holder; claims have their own table. */
export function fateOf({ owner, nature }: JudgedHolder, stackId: string): Fate {
  if (nature && ABOVE_US.includes(nature.kind)) return { kind: 'refuse', reason: nature };
  switch (owner.kind) {
    case 'member':
      return { kind: 'session', of: { stackId, service: owner.service } };
    case 'other-stack':
      return { kind: 'session', of: { stackId: owner.otherStack.id, service: owner.otherStack.service } };
    case 'debugged':
      return { kind: 'refuse', reason: { kind: 'debugged', service: owner.service, pid: owner.by.pid } };
    case 'leftover':
      return byNature(nature, { kind: 'leftover', of: { stackId, service: owner.service } });
    case 'other-leftover':
      return byNature(nature, { kind: 'leftover', of: { stackId: owner.id, service: owner.service } });
    case 'external':
    case 'nobody':
      return byNature(nature, { kind: 'end' });
  }
}

function byNature(nature: Nature | null, otherwise: Fate): Fate {
  if (nature === null) return otherwise;
  const published = nature.kind === 'container' || (nature.kind === 'system-service' && nature.name === 'dockerd');
  return published ? { kind: 'published' } : { kind: 'refuse', reason: nature };
}
