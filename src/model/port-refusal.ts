import type { Holder, PortState, RefuseReason } from './port.ts';

/** Why the plan cannot get one of its ports. */
export interface PortRefusal {
  readonly service: string | null;
  readonly port: number;
  readonly state: PortState;
  /** The policy that forbids ending the holder, the planned service that reuses it, or the reason why it is never killed. */
  readonly because:
    | { readonly policy: 'ask' | 'fail' }
    | { readonly reusedBy: string }
    | { readonly refused: RefuseReason; readonly holder: Holder | null };
}
