/** The conditions that a service which is not ready has yet to meet, and how its processes behave meanwhile. */
import type { HostPort } from './address.ts';
import type { ContainerProblem } from './container.ts';
import type { Holder } from './port.ts';

/** A condition that readiness still waits for. `listensAt`: where the service listens, if the test asked another address. */
export type Unmet =
  | { readonly kind: 'port'; readonly port: number; readonly holders: readonly Holder[] }
  | { readonly kind: 'container'; readonly container: string; readonly port: number; readonly problem: ContainerProblem }
  | { readonly kind: 'http'; readonly url: string; readonly got: string; readonly listensAt?: readonly HostPort[] }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly got: string; readonly listensAt?: readonly HostPort[] }
  /** `endless`: the pattern takes too long for a line. */
  | { readonly kind: 'log'; readonly pattern: string; readonly endless?: true }
  | { readonly kind: 'command'; readonly command: string; readonly got: string }
  | { readonly kind: 'exit' };

/** Processes with one parent and command line that end and are started anew. */
export interface Replaced {
  readonly command: string;
  readonly times: number;
  readonly withinMs: number;
}
