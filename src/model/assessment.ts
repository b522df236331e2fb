/** A claim decides, before it touches anything, what it would do to each port of a service. */

import type { PortState, Verdict } from './port.ts';
import type { PortRefusal } from './port-refusal.ts';
import type { Readiness } from './service.ts';

export type Action =
  | { readonly kind: 'none' }
  /** The holder is a leftover of an earlier session of this stack. */
  | { readonly kind: 'reclaim' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'adopt'; readonly proof: Readiness }
  | { readonly kind: 'take-over'; readonly from: readonly { readonly stackId: string; readonly service: string }[] }
  | { readonly kind: 'refuse'; readonly because: PortRefusal['because'] };

export interface Assessment {
  readonly service: string;
  readonly port: number;
  readonly state: PortState;
  readonly verdict: Verdict;
  readonly action: Action;
}
