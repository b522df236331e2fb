/**
 * A running stack, as everything outside the supervisor sees it. The supervisor in this process and the client of one
 * elsewhere (`control/client.ts`) both implement `Session`; renderers, the HTTP server and the commands know only this.
 */
import type { CriticalStep } from './critical-path.ts';
import type { Event } from './event.ts';
import type { Failure } from './failure.ts';
import type { Holder, Verdict } from './port.ts';
import type { Result } from './result.ts';
import type { ServiceState } from './service-state.ts';

/** Who holds one of a service's ports, and what that is to the service. */
export interface PortHolder extends Holder {
  readonly port: number;
  readonly verdict: Verdict;
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
  /** It became ready and lost it again several times within a short time. */
  readonly flapping: boolean;
  readonly exitCode: number | null;
  /** Of one core, of all members together, since the last look. */
  readonly cpuPercent: number | null;
  /** Resident memory of all members together. */
  readonly memoryBytes: number | null;
  readonly url: string | null;
  readonly links: Readonly<Record<string, string>>;
  readonly category: string | null;
  readonly optional: boolean;
  /** The file now says something else than what runs. */
  readonly stale: boolean;
  /** The worst of all its ports; `free` for a service without one. */
  readonly verdict: Verdict;
  /** Of all its ports, the main one first: who holds several of them stands here once for each. */
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
  /** Why the config file cannot be read as it is now (the session runs on with the old one). */
  readonly configProblem: Failure | null;
}

export interface StartOrder {
  readonly type: 'start';
  /** Null: all that are not optional. */
  readonly services: readonly string[] | null;
  /** Optional services to start as well. */
  readonly with: readonly string[];
  readonly profiles: readonly string[];
  readonly noDeps: boolean;
  /** Replaces `kill | ask | fail` of all services; a `reuse` stays unless this is `fail`. */
  readonly onConflict: 'kill' | 'ask' | 'fail' | null;
  readonly takeOver: boolean;
  readonly keepGoing: boolean;
  /** Of the whole command. */
  readonly timeoutMs: number | null;
}

export type Order =
  | StartOrder
  | {
      readonly type: 'stop';
      readonly services: readonly string[] | null;
      readonly withDependents: boolean;
      /** They are run elsewhere for a while and come back: the session does not end although nothing may be left in it. */
      readonly lend?: boolean;
    }
  | { readonly type: 'restart'; readonly services: readonly string[] | null; readonly withDependents: boolean }
  /** Ends the session: in order, or killing all at once. */
  | { readonly type: 'shutdown'; readonly how: 'ordered' | 'kill' };

export interface Reply {
  /** Services that this command started (start, restart). */
  readonly started: readonly string[];
  /** Services that this command stopped. */
  readonly stopped: readonly string[];
  /** External services that are no longer part of the session; they run on. */
  readonly released: readonly string[];
  /** Requested, and up already. */
  readonly already: readonly string[];
  /** Running, but the file says something else now. */
  readonly changed: readonly string[];
  /** Running, but no longer in the file. */
  readonly removed: readonly string[];
  /** Running services that need one which was stopped or restarted, and were left alone. */
  readonly dependants: readonly string[];
  /** What a start really waited for, in order; empty when nothing was started. */
  readonly path: readonly CriticalStep[];
  /** The session ended with this command. */
  readonly ended: boolean;
}

export interface SnapshotOptions {
  /**
   * Of the session's own processes only what they are to it, not what somebody would need to recognise them (command,
   * folder, user, parents): reading that for each holder of a port is most of the work of a snapshot.
   */
  readonly brief?: boolean;
}

export interface EventsOptions {
  /** Events after this `seq`; omitted: from now on. */
  readonly since?: number;
  readonly signal?: AbortSignal;
  /**
   * `block`: a reader that does not keep up slows the services down (our own stdout is a pipe or a file: not a byte is
   * lost), and has the bytes of an event until it asks for the next one. `drop` (default): output is dropped, counted,
   * beyond 1 MiB queued; state events never are.
   */
  readonly pressure?: 'block' | 'drop';
  /** Whoever is not interested in output is not woken for it. */
  readonly without?: 'output';
}

export interface Session {
  snapshot(options?: SnapshotOptions): Promise<Result<Snapshot, Failure>>;
  events(options?: EventsOptions): AsyncIterable<Event>;
  /** Resolves when the command is done: what was asked to start is ready, what was asked to stop is gone. */
  send(command: Order): Promise<Result<Reply, Failure>>;
}

export const EMPTY_REPLY: Reply = {
  started: [],
  stopped: [],
  released: [],
  already: [],
  changed: [],
  removed: [],
  dependants: [],
  path: [],
  ended: false,
};

/** What a terminal question about squatters needs: the stack asks once for all ports of a plan. */
export type AskConflict = (
  holders: readonly { readonly service: string; readonly port: number; readonly holder: Holder }[],
) => Promise<boolean>;
