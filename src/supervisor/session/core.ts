/** The options of a session, and the part of the supervisor that `start.ts`, `stop.ts` and `restart.ts` use to carry out orders. */
import type { Machine } from '../../machine/machine.ts';
import type { Ending } from '../../model/ending.ts';
import type { EventLog } from '../../model/event-log.ts';
import type { Failure } from '../../model/failure.ts';
import type { Result } from '../../model/result.ts';
import type { Dependency, Stack } from '../../model/service.ts';
import type { AskConflict, Reloaded, Reply } from '../../model/session.ts';
import type { OtherSessions } from '../../model/take-over.ts';
import type { Trace } from '../../model/trace.ts';
import type { Claims } from '../ports/claims.ts';
import type { Actor } from '../service/actor.ts';
import type { SupervisorContext } from '../service/context.ts';
import type { Leftovers } from './reclaim.ts';

export interface SupervisorOptions {
  readonly stack: Stack;
  readonly machine: Machine;
  readonly version: string;
  /** `.devup/<id>`: exists, and can be read by its owner only. */
  readonly folder: string;
  /** The environment of the command that began the session. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** The output goes to a terminal that supports colour. */
  readonly colour: boolean;
  /** Reads the config again. */
  readonly reload: () => Promise<Reloaded>;
  readonly liveSession: (stackId: string) => Promise<{ readonly config: string | null } | null>;
  readonly others: OtherSessions;
  readonly ask: AskConflict | null;
  readonly trace: Trace | null;
  /** Equal for two definitions if changing one into the other needs no restart. */
  readonly fingerprint: (service: Stack['services'][number]) => string;
  /**
   * The failure for an unexpected error, which ends the session. The error may be devup's own or come from the config, which
   * shares its process.
   */
  readonly blame: (error: unknown) => Failure;
  /** The exit code that the last event reports. */
  readonly exitCode: (ending: Ending) => number;
}

/** `stopped` and `released` name services in the order in which they ended. */
export interface StopOutcome extends Pick<Reply, 'stopped' | 'released' | 'debugged'> {
  /** E110 for the first service with survivors; null if all have ended. */
  readonly failure: Failure | null;
}

export interface Core {
  readonly options: SupervisorOptions;
  readonly key: string;
  readonly startedAtMs: number;
  readonly eventLog: EventLog;
  readonly actors: ReadonlyMap<string, Actor>;
  readonly claims: Claims;
  readonly leftovers: Leftovers;
  readonly context: SupervisorContext;
  /** The config as of its last read; a running service may still have an older definition, which its actor holds. */
  readonly file: Stack;
  readonly fileProblem: Failure | null;
  /** The files that the config's code read last, and before it had a problem. */
  readonly configReads: readonly string[];
  /** Identifies the config's files as of their last read. */
  fileStamp: string | null;
  /** True after the first start; every later `start` reads the config again. */
  started: boolean;
  /** The dependencies of each service: those it was started with, or those in the config if it does not run. */
  dependencies: ReadonlyMap<string, readonly Dependency[]>;
  /** For each service started with `--no-deps`: its dependencies among the services of the same order, for which it still waits. */
  readonly startedWithoutDependencies: Map<string, readonly Dependency[]>;
  /** `devup debug` commands (`pid:start`) that have given their service back, and are alive until it is ready. */
  readonly debuggersOver: Set<string>;
  readonly ending: boolean;
  /** The session is ending or stops all services, so starts are refused. */
  readonly closing: boolean;
  reload(): Promise<Result<Stack, Failure>>;
  applyConfig(stack: Stack): void;
  shutdown(how: 'ordered' | 'kill', ending: Ending): Promise<Ending>;
  /** Resolves when all processes of an ending session have ended; with null if the session is not ending. */
  cleared(): Promise<StopOutcome | null>;
}
