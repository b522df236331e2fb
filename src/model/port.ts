/** A port's holder, and its relation to devup. Facts only; `render/words.ts` makes the sentences. */

import type { ContainerNames } from './container-names.ts';

/**
 * Identifies a process, even if its pid is reused later. `start` is the operating system's own start time (Linux: clock ticks since
 * boot, /proc/PID/stat field 22); it is compared for equality, and to tell which of two processes is older.
 */
export interface ProcessId {
  readonly pid: number;
  readonly start: number;
}

export type Verdict = 'free' | 'ours' | 'leftover' | 'sibling' | 'other' | 'external' | 'foreign' | 'unidentified';

/** An ancestor of a holder; lists have the nearest first. */
export interface Ancestor extends ProcessId {
  readonly name: string;
  readonly command: string;
}

export interface Holder extends ProcessId {
  /** The process name that the kernel keeps (Linux: at most 15 bytes). */
  readonly name: string;
  /** The command line, separated by blanks, for display only. */
  readonly command: string;
  readonly argv: readonly string[];
  readonly executable: string | null;
  readonly cwd: string | null;
  readonly uid: number | null;
  readonly user: string | null;
  /** Wall clock, milliseconds since 1970; null where unknown. */
  readonly startedAtMs: number | null;
  /** The local addresses on which it listens at the port in question. */
  readonly addresses: readonly string[];
  readonly ancestors: readonly Ancestor[];
  /** Name or id of the container that the process runs in or forwards to. */
  readonly container: string | null;
  /** That container as its engine describes it; omitted if no engine was asked, or none knows it. */
  readonly published?: ContainerNames;
  /** The systemd or launchd unit that would restart the process. */
  readonly unit: string | null;
  /** The devup stack that started the process, from its marker. */
  readonly stack: { readonly id: string; readonly service: string } | null;
  /** The `devup debug` command that the process belongs to, from its marker; left out for all other processes. */
  readonly debug?: { readonly stackId: string; readonly service: string; readonly by: ProcessId; readonly alive: boolean };
}

/** Why no holder can be named although the port cannot be bound. */
export type HiddenReason =
  | { readonly kind: 'other-user'; readonly uid: number; readonly user: string | null }
  | { readonly kind: 'outside-namespace' }
  | { readonly kind: 'outgoing'; readonly holders: readonly Holder[]; readonly remote: string }
  | { readonly kind: 'closing' }
  | { readonly kind: 'bound-not-listening' }
  | { readonly kind: 'excluded-range' }
  | { readonly kind: 'no-permission' };

/** The state of one port. `held` without holders never means "free". */
export type PortState =
  | { readonly port: number; readonly kind: 'free' }
  | { readonly port: number; readonly kind: 'held'; readonly holders: readonly Holder[]; readonly addresses: readonly string[] }
  | { readonly port: number; readonly kind: 'hidden'; readonly reason: HiddenReason; readonly addresses: readonly string[] };

/** Why a holder is not killed. `render/words.ts` has a sentence for each, and what to do instead. */
export type RefuseReason =
  | { readonly kind: 'init' }
  | { readonly kind: 'self' }
  | { readonly kind: 'ancestor' }
  | { readonly kind: 'other-user'; readonly uid: number | null; readonly user: string | null }
  | { readonly kind: 'kernel-thread' }
  | { readonly kind: 'system-service'; readonly name: string }
  | { readonly kind: 'unit'; readonly unit: string; readonly stopCommand: string }
  | {
      readonly kind: 'container';
      readonly container: string | null;
      readonly stopCommand: string | null;
      /** The engine was asked to stop the container, and answered this; `said` is null if the engine is gone. */
      readonly tried?: { readonly engine: string; readonly said: string | null };
      readonly published?: ContainerNames;
    }
  | { readonly kind: 'airplay' }
  | { readonly kind: 'other-stack'; readonly id: string; readonly service: string; readonly config: string | null }
  | { readonly kind: 'port-forwarder'; readonly name: string }
  /** A person works in this program: a claim leaves it alone, a `kill` of its port does not. */
  | { readonly kind: 'interactive'; readonly name: string }
  /** It serves more than one project, such as adb: treated in the same way. */
  | { readonly kind: 'shared'; readonly name: string }
  /** Another service of this session holds the port. */
  | { readonly kind: 'sibling'; readonly service: string }
  /** A user debugs the service on a terminal. `pid`: the `devup debug` command. */
  | { readonly kind: 'debugged'; readonly service: string; readonly pid: number }
  | { readonly kind: 'unidentified'; readonly reason: HiddenReason };

/** A port number between 1 and 65535; null for any other text, such as `"8000; rm"`. */
export function parsePort(text: string): number | null {
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}

export function sameProcess(a: ProcessId, b: ProcessId): boolean {
  return a.pid === b.pid && a.start === b.start;
}
