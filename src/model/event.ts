/** The events of a session, in the order in which they happened. */
import type { ContainerNames } from './container-names.ts';
import type { DaemonTie } from './daemon.ts';
import type { Failure } from './failure.ts';
import type { LostGrace } from './graces.ts';
import type { Holder } from './port.ts';
import type { ServiceState } from './service-state.ts';
import type { TakeOver } from './take-over.ts';
import type { Replaced } from './unmet.ts';

interface Stamped {
  /** Increases by one per event of a session, from 1. */
  readonly seq: number;
  /** Wall clock, milliseconds since 1970. */
  readonly atMs: number;
}

export interface StateEvent extends Stamped {
  readonly type: 'state';
  readonly service: string;
  readonly state: ServiceState;
  readonly pid: number | null;
  /** Milliseconds since this run of the service entered `starting`; null if it has not. */
  readonly afterMs: number | null;
  readonly restarts: number;
  readonly problem: Failure | null;
  /** Time until the next attempt, in state `backoff`. */
  readonly delayMs: number | null;
}

/** `merged`: stdout and stderr of a service with `output: 'merged'`, in the order in which it wrote them. */
export type OutputStream = 'stdout' | 'stderr' | 'merged';

/** A chunk of a service's raw output, which may begin or end within a line. */
export interface OutputEvent extends Stamped {
  readonly type: 'output';
  readonly service: string;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
  /** Position of the chunk in the service's log, counted over all rotations of this session. */
  readonly offset: number;
}

/** A change at a service's port: what devup did about another holder, or where the service listens. */
export interface PortEvent extends Stamped {
  readonly type: 'port';
  readonly service: string;
  readonly port: number;
  readonly action: 'freeing' | 'freed' | 'adopted' | 'listens-elsewhere' | 'foreign' | 'lost' | 'stuck';
  readonly holders: readonly Holder[];
  /** The undeclared ports, for `listens-elsewhere`. */
  readonly ports: readonly number[];
}

/**
 * Why the record of an earlier session is ignored: invalid JSON, missing fields, written before a reboot, another user's, or not a
 * regular file.
 */
export type RecordFault = 'cut-off' | 'no-record' | 'other-boot' | 'other-user' | 'no-file';

/** Something worth reporting that changes no state. */
export interface NoticeEvent extends Stamped {
  readonly type: 'notice';
  readonly service: string | null;
  readonly notice:
    | { readonly kind: 'leftover-reclaimed'; readonly processes: readonly Holder[]; readonly containers?: readonly ContainerNames[] }
    | { readonly kind: 'forced'; readonly processes: readonly Holder[]; readonly grace: LostGrace }
    | { readonly kind: 'left-alive'; readonly processes: readonly Holder[] }
    /** The start takes long. `lastLine` is the service's last line of output so far; null if it has printed nothing. */
    | { readonly kind: 'still-starting'; readonly afterMs: number; readonly lastLine: string | null }
    /** Processes below the starting service end and are started again. */
    | ({ readonly kind: 'keeps-restarting' } & Replaced)
    /** Processes that may be on their way to a port of the service, and were left alone, since that is not certain. */
    | { readonly kind: 'daemon-left'; readonly processes: readonly Holder[] }
    /** The service goes on as a daemon that has lost its marker: where it was found, and what tied it to the service. */
    | { readonly kind: 'daemon-adopted'; readonly process: Holder; readonly port: number; readonly tie: DaemonTie }
    /** With `--take-over`: what is being stopped in another stack, and what was. `service` wants a port of theirs. */
    | ({ readonly kind: 'taking-over' } & TakeOver)
    | ({ readonly kind: 'taken-over' } & TakeOver)
    | { readonly kind: 'dependency-lost'; readonly dependency: string }
    | { readonly kind: 'log-degraded'; readonly errno: string; readonly file: string }
    | { readonly kind: 'log-restored'; readonly file: string }
    | { readonly kind: 'record-degraded'; readonly errno: string; readonly file: string }
    | { readonly kind: 'record-ignored'; readonly file: string; readonly fault: RecordFault }
    | { readonly kind: 'output-dropped'; readonly lines: number }
    | { readonly kind: 'stopping'; readonly signal: string | null }
    | { readonly kind: 'use-detach' }
    /** `configOwner`: the user who can change what root runs; null when that is root. */
    | { readonly kind: 'running-as-root'; readonly configOwner: string | null }
    | { readonly kind: 'failure'; readonly failure: Failure };
}

/** The command that this stream belongs to has ended. */
export interface DoneEvent extends Stamped {
  readonly type: 'done';
  readonly ok: boolean;
  readonly exitCode: number;
  readonly failure: Failure | null;
}

/** The reader was too slow or joined too late: the events in between are gone, and a snapshot gives the current state. */
export interface GapEvent extends Stamped {
  readonly type: 'gap';
  readonly missed: number;
}

export type Event = StateEvent | OutputEvent | PortEvent | NoticeEvent | DoneEvent | GapEvent;

/** An event without its `seq` and time. */
export type UnstampedEvent = Event extends infer E ? (E extends Event ? Omit<E, 'seq' | 'atMs'> : never) : never;
