/**
 * Default grace times: how long a process has between the signal that asks it to end and SIGKILL, by its kind. A config or a flag
 * overrides them where it can.
 */

/** Each kind of process that devup ends. */
export type GraceKind =
  /** A service whose config sets no `stop.timeout`. */
  | 'service'
  /** A service that is a data server: it writes its data before it ends. */
  | 'dataService'
  /** The remaining processes of a service whose stop command has finished. */
  | 'afterStopCommand'
  /** A leftover was a service, and gets as much time. */
  | 'leftover'
  /** A foreign holder of a port. */
  | 'holder'
  /** A data server that is not ours: it gets this long to end, and is never killed without `--force`. */
  | 'foreignDataServer'
  /** The shortest grace of the same server with `--force`. */
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

/** SIGKILL is repeated for this long; a process that still lives then is reported as a survivor. */
export const KILL_MS = 5000;

/** The longest that a guard needs to end the services of a dead supervisor. */
export const GUARD_MS = GRACE_MS.guarded + KILL_MS;

/** The grace of a process that was killed: it was over, or cut short (a second Ctrl-C). `none`: it appeared too late to be asked to end. */
export type LostGrace = 'over' | 'cut' | 'none';

/**
 * Signals this soon after the first one of a request are copies of it: the terminal sends Ctrl-C to every process in the foreground, and
 * wrappers (cross-env, npm, GNU timeout) forward it to their child once more, perhaps as another signal.
 */
export const COPIED_SIGNAL_MS = 500;
