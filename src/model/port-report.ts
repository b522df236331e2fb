/** The results of `devup ports` and `devup kill`: each port, the service that declares it, its holders, and what was done. */
import type { Failure } from './failure.ts';
import type { Holder, PortState, Verdict } from './port.ts';
import type { PortTrouble } from './port-trouble.ts';
import type { ServiceState } from './service-state.ts';

/** A service's declaration of a port. */
export interface Declaration {
  readonly service: string;
  readonly port: number;
  readonly category: string | null;
  readonly state: ServiceState;
  /** The URL of its main port. */
  readonly url: string | null;
  /** The config's `host` is a loopback address: the service is to be unreachable from other machines. */
  readonly localOnly: boolean;
}

export interface PortRow {
  readonly port: number;
  /** Null: no service of this stack declares it. */
  readonly declaration: Declaration | null;
  readonly state: PortState;
  /** Null if no service declares the port. */
  readonly verdict: Verdict | null;
  readonly warnings: readonly PortTrouble[];
}

/** The outcome of freeing one port. */
export interface KilledPort {
  readonly port: number;
  readonly outcome: 'freed' | 'was-free' | 'refused' | 'failed' | 'would-free';
  readonly killed: readonly { readonly pid: number; readonly command: string; readonly signal: string }[];
  /** The remaining holders. */
  readonly holders: readonly Holder[];
  /** Why the port was not freed. */
  readonly problem: Failure | null;
}

/** A port that a new service does not get, and why. */
export type PassedOver =
  | { readonly port: number; readonly why: 'declared'; readonly service: string }
  | { readonly port: number; readonly why: 'held'; readonly state: PortState }
  | { readonly port: number; readonly why: 'blocked' | 'refused'; readonly trouble: PortTrouble }
  | { readonly port: number; readonly why: 'refused'; readonly errno: string };
