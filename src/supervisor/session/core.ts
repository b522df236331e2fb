/** What the commands of a session work on: the supervisor, without the session that it is to others. */
import type { Machine } from '../../machine/machine.ts';
import type { Ending } from '../../model/ending.ts';
import type { EventLog } from '../../model/event-log.ts';
import type { Failure } from '../../model/failure.ts';
import type { Result } from '../../model/result.ts';
import type { Dependency, Stack } from '../../model/service.ts';
import type { AskConflict } from '../../model/session.ts';
import type { Trace } from '../../model/trace.ts';
import type { Claims } from '../ports/claims.ts';
import type { Actor } from '../service/actor.ts';
import type { SupervisorContext } from '../service/context.ts';
import type { Leftovers } from './reclaim.ts';

export interface SupervisorOptions {
  readonly stack: Stack;
  readonly machine: Machine;
  readonly version: string;
  /** `.devup/<id>`, made and private. */
  readonly folder: string;
  /** The environment of the command that began the session. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** The output ends in a terminal that wants colour. */
  readonly colour: boolean;
  /** Reads the config again, as it is now. */
  readonly reload: () => Promise<Result<Stack, Failure>>;
  readonly liveSession: (stackId: string) => Promise<{ readonly config: string | null } | null>;
  readonly takeOverFrom: (stackId: string, service: string) => Promise<boolean>;
  readonly ask: AskConflict | null;
  readonly trace: Trace | null;
  /** Two services of a config are the same run when their fingerprints agree. */
  readonly fingerprint: (service: Stack['services'][number]) => string;
  /** The failure for an unexpected error, which ends the session: devup's own, or of what shares its process. */
  readonly blame: (error: unknown) => Failure;
  /** The exit code of a command, for the last event. */
  readonly exitCode: (ending: Ending) => number;
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
  /** The config as of its last read; the actors hold what runs. */
  readonly file: Stack;
  readonly fileProblem: Failure | null;
  /** Identifies the config's files as of their last read. */
  fileStamp: string | null;
  /** Something was started in this session: from now on `start` reads the file again. */
  started: boolean;
  /** The dependencies of each service: as it was started, else as in the file. */
  dependencies: ReadonlyMap<string, readonly Dependency[]>;
  /** Services that were started with `--no-deps`, and what of the same command they still wait for. */
  readonly alone: Map<string, readonly Dependency[]>;
  /** Services that run on somebody's terminal (`devup debug`) until they are started here again. */
  readonly debugging: Set<string>;
  readonly ending: boolean;
  /** It is ending, or all of it is being stopped: nothing may be started any more. */
  readonly closing: boolean;
  reload(): Promise<Result<Stack, Failure>>;
  adopt(stack: Stack): void;
  shutdown(how: 'ordered' | 'kill', ending: Ending): Promise<Ending>;
}
