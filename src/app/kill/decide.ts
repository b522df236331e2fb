/**
 * What freeing a port means, for each who holds it: stop it through the session that runs it, stop its container, end
 * it, or refuse. One holder that is refused keeps the port held, so then nothing of that port is touched. `--dry-run`
 * shows what is decided here; nothing is signalled yet.
 */
import type { Failure } from '../../model/failure.ts';
import type { Holder, PortState, RefuseReason } from '../../model/port.ts';
import type { Snapshot } from '../../model/session.ts';
import { type HolderFacts, type JudgedHolder, judgeHolder } from '../../ports/verdict.ts';
import type { RunTool } from '../../processes/engine.ts';
import type { Nature } from '../../processes/refuse.ts';
import { findContainer, type Published } from './containers.ts';

export interface SessionService {
  readonly stackId: string;
  readonly service: string;
}

export interface Decision {
  readonly port: number;
  readonly state: PortState;
  /** E205: nothing of this port is touched. */
  readonly refused: Failure | null;
  readonly fates: readonly { readonly holder: Holder; readonly fate: SettledFate }[];
}

export interface DecideContext {
  readonly facts: HolderFacts;
  /** The live session of this stack. */
  readonly own: Snapshot | null;
  /** For the container engines; default: the real ones. */
  readonly runTool?: RunTool;
}

type Fate =
  | { readonly kind: 'refuse'; readonly reason: RefuseReason }
  | { readonly kind: 'session'; readonly of: SessionService }
  /** Left by a session that has ended. */
  | { readonly kind: 'leftover'; readonly of: SessionService }
  /** Forwards the port into a container, which is stopped instead. */
  | { readonly kind: 'published' }
  | { readonly kind: 'end' };

/** With the container found. */
type SettledFate = Exclude<Fate, { kind: 'refuse' | 'published' }> | { readonly kind: 'container'; readonly container: Published };

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

/** A session that lives knows its own processes, and a marker says more than a record: the record is for those that lost theirs. */
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

/** These stay even where a session would stop them: they are above us. */
const ABOVE_US: readonly RefuseReason['kind'][] = ['init', 'self', 'ancestor'];

/** What `kill` does to a holder, by its owner and its nature; a claim has its own table. */
export function fateOf({ owner, nature }: JudgedHolder, stackId: string): Fate {
  if (nature && ABOVE_US.includes(nature.kind)) return { kind: 'refuse', reason: nature };
  switch (owner.kind) {
    case 'member':
      return { kind: 'session', of: { stackId, service: owner.service } };
    case 'other-stack':
      return { kind: 'session', of: { stackId: owner.otherStack.id, service: owner.otherStack.service } };
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
