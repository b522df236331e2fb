/** The traces in a daemon of the service that it came from. */
import type { HiddenReason, Holder } from './port.ts';

/** The trace that ties a daemon to its service, although it has lost its parent and its environment. */
export type DaemonTie =
  /** It holds a socket that the service had opened before. */
  | 'socket'
  /** It is in a group or session that a process of the service led. */
  | 'session'
  /** It has the service's output open. */
  | 'output'
  /** It runs the service's program. */
  | 'program'
  /** It runs in the service's folder. */
  | 'folder'
  /** It is in devup's own control group. */
  | 'control-group';

/** A process that a service left behind, and that is not certain to be the service's. */
export type LeftBehind =
  /** `port`: the declared port that it listens on; null: none. */
  | { readonly port: number | null; readonly holder: Holder }
  /** It cannot be seen. */
  | { readonly port: number; readonly hidden: HiddenReason };
