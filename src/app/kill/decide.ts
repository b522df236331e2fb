/**
 * What freeing a port means, for each who holds it: stop it through the session that runs it, stop its container, end
 * it, or refuse. One holder that is refused keeps the port held, so then nothing of that port is touched. `--dry-run`
 * shows what is decided here; nothing is signalled yet.
 */
import type { Failure } from '../../model/failure.ts';
import { type Holder, type PortState, type RefuseReason, sameProcess } from '../../model/port.ts';
import type { Snapshot } from '../../model/session.ts';
import type { RunTool } from '../../processes/engine.ts';
import { recordedHolder } from '../../processes/leftovers.ts';
import type { SessionRecord } from '../../processes/record.ts';
import { type RefuseContext, refuseReason } from '../../processes/refuse.ts';
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
  readonly fates: readonly { readonly holder: Holder; readonly fate: Exclude<Fate, { kind: 'refuse' }> }[];
}

export interface DecideContext {
  readonly refuse: RefuseContext;
  /** The live session of this stack: it knows its processes even if they have lost the marker. */
  readonly own: Snapshot | null;
  /** What the last session of this stack wrote down: knows who has lost the marker. */
  readonly record: SessionRecord | null;
  /** For the container engines; default: the real ones. */
  readonly runTool?: RunTool;
}

type Fate =
  | { readonly kind: 'refuse'; readonly reason: RefuseReason }
  | { readonly kind: 'session'; readonly of: SessionService }
  /** Left by a session that has ended. */
  | { readonly kind: 'leftover'; readonly of: SessionService }
  | { readonly kind: 'container'; readonly container: Published }
  | { readonly kind: 'end' };

export async function decide(state: PortState, context: DecideContext): Promise<Decision> {
  const { port } = state;
  if (state.kind === 'free') return { port, state, refused: null, fates: [] };
  if (state.kind === 'hidden') return refused(state, { kind: 'unidentified', reason: state.reason }, null);
  const fates: Decision['fates'][number][] = [];
  for (const holder of state.holders) {
    const fate = await fateOf(holder, port, context);
    if (fate.kind === 'refuse') return refused(state, fate.reason, holder);
    fates.push({ holder, fate });
  }
  return { port, state, refused: null, fates };
}

function refused(state: PortState, reason: RefuseReason, holder: Holder | null): Decision {
  const { port } = state;
  return { port, state, refused: { code: 'E205', kind: 'kill-refused', port, state, refused: reason, holder }, fates: [] };
}

/** These stay even where a session would stop them: they are above us. */
const ALWAYS_REFUSED: readonly RefuseReason['kind'][] = ['init', 'self', 'ancestor'];

async function fateOf(holder: Holder, port: number, { refuse, own, record, runTool }: DecideContext): Promise<Fate> {
  const reason = await refuseReason(holder, refuse);
  if (reason && ALWAYS_REFUSED.includes(reason.kind)) return { kind: 'refuse', reason };
  const ours = own?.services.find((service) =>
    service.holders.some((one) => one.port === port && one.verdict === 'ours' && sameProcess(one, holder)),
  );
  if (own && ours) return { kind: 'session', of: { stackId: own.id, service: ours.name } };
  if (holder.stack) {
    const of = { stackId: holder.stack.id, service: holder.stack.service };
    if (await refuse.liveSession(of.stackId)) return { kind: 'session', of };
    if (!reason) return { kind: 'leftover', of };
  }
  const recorded = reason ? null : recordedHolder(record, holder, port);
  if (record && recorded !== null && !(await refuse.liveSession(record.stackId)))
    return { kind: 'leftover', of: { stackId: record.stackId, service: recorded } };
  if (reason?.kind === 'container' || (reason?.kind === 'system-service' && reason.name === 'dockerd')) {
    const container = await findContainer(port, holder.container, runTool);
    if (container) return { kind: 'container', container };
    return {
      kind: 'refuse',
      reason: { kind: 'container', container: holder.container, stopCommand: `docker stop $(docker ps -q --filter publish=${port})` },
    };
  }
  return reason ? { kind: 'refuse', reason } : { kind: 'end' };
}
