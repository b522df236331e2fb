/**
 * A port's holder has an owner (the service and session that its process belongs to) and a nature (the reason, if any, why it
 * must not be signalled, whatever its owner). Both are decided here and nowhere else. `status` and `ports` show the owner
 * (`judge.ts`); a claim (`action.ts`) and `kill` (`app/kill/decide.ts`) act on both, each by a table of its own.
 */
import type { DebuggedService } from '../model/debugger.ts';
import { type Holder, type ProcessId, sameProcess } from '../model/port.ts';
import { describe } from '../processes/describe.ts';
import { recordedHolder } from '../processes/leftovers.ts';
import type { SessionRecord } from '../processes/record.ts';
import { type Nature, type NatureFacts, natureOf } from '../processes/refuse.ts';

export type Owner =
  /** A service of this stack, whose session is alive. */
  | { readonly kind: 'member'; readonly service: string }
  /** The holder of an adopted service's port: devup uses any such holder, even a service of another live stack. */
  | { readonly kind: 'external'; readonly otherStack: OtherStack | null }
  /** A service of this stack, whose session is over. */
  | { readonly kind: 'leftover'; readonly service: string }
  /** A service of another stack, whose session is alive. */
  | { readonly kind: 'other-stack'; readonly otherStack: OtherStack }
  /** A service of another stack, whose session is over. */
  | { readonly kind: 'other-leftover'; readonly id: string; readonly service: string }
  /** The process runs on a person's terminal (`devup debug`), as this service of this or another stack. */
  | { readonly kind: 'debugged'; readonly stackId: string; readonly service: string; readonly by: ProcessId }
  /** The process belongs to no service. */
  | { readonly kind: 'nobody' };

export interface OtherStack {
  readonly id: string;
  readonly service: string;
  readonly config: string | null;
}

export interface OwnerFacts {
  /** '' outside any stack: no marker has this id. */
  readonly stackId: string;
  /** The service of this stack's session that the holder of the port is known to be a member of. */
  readonly memberOf: (id: ProcessId, port: number) => string | null;
  /** True for a service that is in state `external`. */
  readonly isExternal: (service: string) => boolean;
  /** The record of the earlier session or, when judged from outside, of the live session. */
  readonly record: SessionRecord | null;
  /** The live session of a stack; null if the stack has none. */
  readonly liveSession: (stackId: string) => Promise<{ readonly config: string | null } | null>;
  /** Whether this stack has a live session in another process. */
  readonly ownSessionAlive: boolean;
  readonly debuggers: Debuggers;
}

export interface Debuggers {
  /** The services of this stack that run under `devup debug`. */
  readonly live: readonly DebuggedService[];
  /** True for a `devup debug` that has told this session that its command has ended, and now waits for the service to run again. */
  readonly isOver: (by: ProcessId) => boolean;
}

export interface HolderFacts extends OwnerFacts, NatureFacts {}

/** The port that a holder has, and the service that wants it; null: the port is wanted for no service. */
export interface Asked {
  readonly port: number;
  readonly service: string | null;
}

export interface JudgedHolder {
  readonly owner: Owner;
  /** Null: the holder may be signalled. */
  readonly nature: Nature | null;
}

export async function judgeHolder(holder: Holder, asked: Asked, facts: HolderFacts): Promise<JudgedHolder> {
  return { owner: await findOwner(holder, asked, facts), nature: natureOf(holder, facts) };
}

export async function findOwner(holder: Holder, { port, service }: Asked, facts: OwnerFacts): Promise<Owner> {
  const debugged = debuggedOwner(holder, facts);
  if (debugged) return debugged;
  const member = facts.memberOf(holder, port);
  if (member !== null) return { kind: 'member', service: member };
  if (service !== null && facts.isExternal(service)) return { kind: 'external', otherStack: await otherStack(holder, facts) };
  const marked = holder.stack?.id === facts.stackId ? holder.stack.service : null;
  const known = marked ?? recordedHolder(facts.record, holder, port);
  if (known !== null) return { kind: facts.ownSessionAlive ? 'member' : 'leftover', service: known };
  const other = await otherStack(holder, facts);
  if (other) return { kind: 'other-stack', otherStack: other };
  return holder.stack ? { kind: 'other-leftover', ...holder.stack } : { kind: 'nobody' };
}

/**
 * The marker shows the debugger or, if the marker was overwritten, the ancestors do. Processes of a debugger that is gone are leftovers.
 */
function debuggedOwner({ debug, stack, ancestors }: Holder, { stackId, debuggers }: OwnerFacts): Owner | null {
  if (debug?.alive && !debuggers.isOver(debug.by))
    return { kind: 'debugged', stackId: debug.stackId, service: debug.service, by: debug.by };
  if (debug) {
    const { service } = debug;
    return debug.stackId === stackId ? { kind: 'leftover', service } : { kind: 'other-leftover', id: debug.stackId, service };
  }
  // A session that somebody started on such a terminal has services of its own.
  if (stack) return null;
  const by = debuggers.live.find((one) => ancestors.some((ancestor) => sameProcess(ancestor, one)));
  return by ? { kind: 'debugged', stackId, service: by.service, by: { pid: by.pid, start: by.start } } : null;
}

async function otherStack({ stack }: Holder, { stackId, liveSession }: OwnerFacts): Promise<OtherStack | null> {
  const live = stack && stack.id !== stackId ? await liveSession(stack.id) : null;
  return stack && live ? { ...stack, config: live.config } : null;
}

/** Whether a process that holds no port, such as one that restarts the holder, may be ended: not with a live session's marker. */
export async function mayEnd(process: Holder, facts: HolderFacts): Promise<boolean> {
  if (natureOf(process, facts) !== null || debuggedOwner(process, facts)?.kind === 'debugged') return false;
  if (process.stack?.id === facts.stackId) return !facts.ownSessionAlive;
  return (await otherStack(process, facts)) === null;
}

/** `mayEnd` of the process as it is now: false once it has ended, even if another process has its pid. */
export async function mayEndNow(id: ProcessId, facts: HolderFacts): Promise<boolean> {
  const process = await describe(facts.machine, id.pid, []);
  return process !== null && sameProcess(process, id) && (await mayEnd(process, facts));
}
