/**
 * A running stack as everything outside the supervisor sees it. The supervisor in this process and the control client
 * (`control/client.ts`) both implement `Session`. Renderers, the HTTP server and the commands know only this interface.
 */
import type { CriticalStep } from './critical-path.ts';
import type { DebuggedService } from './debugger.ts';
import type { Event } from './event.ts';
import type { Failure } from './failure.ts';
import type { Holder, ProcessId, Verdict } from './port.ts';
import type { Result } from './result.ts';
import type { Stack } from './service.ts';
import type { ServiceState } from './service-state.ts';

/** A process that holds one of a service's ports, and its relation to the service. */
export interface PortHolder extends Holder {
  readonly port: number;
  readonly verdict: Verdict;
  /** Config of the other running stack whose service the process is; omitted if it is none of another stack's, or the config is unknown. */
  readonly otherConfig?: string;
}

export interface ServiceSnapshot {
  readonly name: string;
  readonly state: ServiceState;
  readonly port: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly pid: number | null;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs: number | null;
  readonly uptimeMs: number | null;
  readonly restarts: number;
  /** The service has become ready and lost readiness several times within a short time. */
  readonly flapping: boolean;
  readonly exitCode: number | null;
  /** CPU time of all members together since the last scan, as a percentage of one core. */
  readonly cpuPercent: number | null;
  /** Resident memory of all members together. */
  readonly memoryBytes: number | null;
  readonly url: string | null;
  readonly links: Readonly<Record<string, string>>;
  readonly category: string | null;
  readonly optional: boolean;
  /** Running services that depend on this one, directly or through others. Sessions of earlier versions do not tell. */
  readonly neededBy?: readonly string[];
  /** The config file has changed since the service was started. */
  readonly stale: boolean;
  /** The worst verdict among the service's ports; `free` for a service without ports. */
  readonly verdict: Verdict;
  /** Holders of all the service's ports, main port first. A process that holds several ports appears once per port. */
  readonly holders: readonly PortHolder[];
  readonly problem: Failure | null;
}

export interface Snapshot {
  readonly stack: string;
  readonly id: string;
  /** Absolute path of the config. */
  readonly config: string;
  readonly session: { readonly pid: number; readonly startedAtMs: number; readonly version: string; readonly key: string } | null;
  /** The `seq` of the last event this snapshot includes; 0 without a session. */
  readonly seq: number;
  readonly services: readonly ServiceSnapshot[];
  /** Why the config cannot be read now; the session keeps running with the config that it read before. */
  readonly configProblem: Failure | null;
}

export interface StartOrder {
  readonly type: 'start';
  /** Null: all services that are not optional. */
  readonly services: readonly string[] | null;
  /** Optional services to start as well. */
  readonly with: readonly string[];
  readonly profiles: readonly string[];
  readonly noDeps: boolean;
  /** Replaces `kill | ask | fail` of all services; a `reuse` stays unless this is `fail`. */
  readonly onConflict: 'kill' | 'ask' | 'fail' | null;
  readonly takeOver: boolean;
  readonly keepGoing: boolean;
  /** Limit for the whole order. */
  readonly timeoutMs: number | null;
}

export type Order =
  | StartOrder
  | { readonly type: 'stop'; readonly services: readonly string[] | null; readonly withDependents: boolean }
  | { readonly type: 'restart'; readonly services: readonly string[] | null; readonly withDependents: boolean }
  /** Hands the service over to a `devup debug` command, or takes the service back when that command is over. */
  | { readonly type: 'debug'; readonly service: string; readonly by: ProcessId; readonly over: boolean }
  /** Ends the session: services in order, or all of them killed at once. */
  | { readonly type: 'shutdown'; readonly how: 'ordered' | 'kill' };

export interface Reply {
  /** Services that this order started (start, restart). */
  readonly started: readonly string[];
  /** Services that this order stopped. */
  readonly stopped: readonly string[];
  /** External services that have left the session; they keep running. */
  readonly released: readonly string[];
  /** Requested services that were already up. */
  readonly already: readonly string[];
  /** Services that run with a definition that differs from the config. */
  readonly changed: readonly string[];
  /** Running services that are no longer in the config. */
  readonly removed: readonly string[];
  /** Running services that depend on a stopped or restarted service, and that this order did not touch. */
  readonly dependents: readonly string[];
  /** Services that a user debugs, and that this order left alone. */
  readonly debugged: readonly DebuggedService[];
  /** The critical path of a start, in order; empty when nothing was started. */
  readonly path: readonly CriticalStep[];
  /** The session ended with this order. */
  readonly ended: boolean;
}

export interface SnapshotOptions {
  /**
   * Omits what identifies the session's own processes (command, folder, user, parents) and keeps only their verdict. Reading those
   * details for each holder of a port is most of the work of a snapshot.
   */
  readonly brief?: boolean;
}

export interface EventsOptions {
  /** Events after this `seq`; omitted: only events from now on. */
  readonly since?: number;
  readonly signal?: AbortSignal;
  /**
   * `block`: a slow reader slows the services down, and no byte is lost (our stdout is a pipe or a file). The bytes of an event are
   * valid until the reader asks for the next event. `drop` (default): output beyond 1 MiB queued is dropped and counted; state events
   * are never dropped.
   */
  readonly pressure?: 'block' | 'drop';
  /** Excludes output, so that the reader is not woken for it. */
  readonly without?: 'output';
}

export interface Session {
  snapshot(options?: SnapshotOptions): Promise<Result<Snapshot, Failure>>;
  events(options?: EventsOptions): AsyncIterable<Event>;
  /** Resolves when the order is carried out: the services to start are ready, the services to stop are gone. */
  send(order: Order): Promise<Result<Reply, Failure>>;
}

/** An order to start all services that are not optional, with the keys of `asked` replaced. */
export function startOrder(asked: Partial<Omit<StartOrder, 'type'>> = {}): StartOrder {
  return {
    type: 'start',
    services: null,
    with: [],
    profiles: [],
    noDeps: false,
    onConflict: null,
    takeOver: false,
    keepGoing: false,
    timeoutMs: null,
    ...asked,
  };
}

export const EMPTY_REPLY: Reply = {
  started: [],
  stopped: [],
  released: [],
  already: [],
  changed: [],
  removed: [],
  dependents: [],
  debugged: [],
  path: [],
  ended: false,
};

/** Asks once, for all ports of a plan, whether their holders may be ended. */
export type AskConflict = (
  holders: readonly { readonly service: string; readonly port: number; readonly holder: Holder }[],
) => Promise<boolean>;

/** A config that a session has read again. */
export interface Reloaded {
  readonly stack: Result<Stack, Failure>;
  /** The other files that the config's code read, perhaps before it failed. */
  readonly reads: readonly string[];
}
