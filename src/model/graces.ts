/**
 * Default grace times: how long a process has between the signal that asks it to end and SIGKILL, by its kind. A config or a flag
 * overrides them where it can.
 */

/** Each kind of process that devup ends. */
export type GraceKind =
  /** A service, whose config says nothing else. */
  | 'service'
  /** A service that is a data server: it writes its data before it ends. */
  | 'dataService'
  /** Processes left of a service whose own stop command has finished. */
  | 'afterStopCommand'
  /** A leftover was a service, and gets the time of one. */
  | 'leftover'
  /** A foreign holder of a port. */
  | 'holder'
  /** A data server that is not ours: this long it is asked, and never killed without `--force`. */
  | 'foreignDataServer'
  /** The same with `--force`, at least. */
  | 'forcedDataServer'
  /** The command of `devup run`, when a service that it needs has failed. */
  | 'command'
  /** All services, when the supervisor has died and the guard ends them. */
  | 'guarded';

export const GRACE_MS: { readonly [K in GraceKind]: number } = {
  service: 10_000,
  dataService: 60_000,
  afterStopCommand: 1000,
  leftover: 10_000,
  holder: 5000,
  foreignDataServer: 60_000,
  forcedDataServer: 10_000,
  command: 10_000,
  guarded: 5000,
};

/** SIGKILL is repeated for this long; what still lives then cannot be killed, and is named as a survivor. */
export const KILL_MS = 5000;

/** The longest that a guard needs to end the services of a dead supervisor. */
export const GUARD_MS = GRACE_MS.guarded + KILL_MS;
