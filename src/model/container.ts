/** A container as its engine describes it, and why it is not the one that holds a port. Facts only. */
import type { Holder } from './port.ts';

export interface Container {
  /** The command that knows it: `docker`. */
  readonly engine: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** The engine's word: `running`, `exited`, `created` … */
  readonly status: string;
  readonly running: boolean;
  /** Its first process, as the engine numbers it; null where that is not told. */
  readonly pid: number | null;
  /** It has no network of its own: its processes listen on the machine's ports. */
  readonly hostNetwork: boolean;
  /** The machine's TCP ports that lead into it. */
  readonly publishes: readonly number[];
  /** Its own addresses in the engine's networks. */
  readonly addresses: readonly string[];
  /** The file that names its network namespace; null where that is not told. */
  readonly sandbox: string | null;
}

/** Why a port is not held by the container that ought to. */
export type ContainerProblem =
  /** None of the engines' commands is there. */
  | { readonly kind: 'no-engine'; readonly engines: readonly string[] }
  /** `said`: what an engine answered instead of "no such container". */
  | { readonly kind: 'unknown'; readonly asked: readonly { readonly engine: string; readonly said: string | null }[] }
  | { readonly kind: 'not-running'; readonly engine: string; readonly status: string }
  | { readonly kind: 'publishes-other'; readonly engine: string; readonly ports: readonly number[] }
  /** It ought to be there, yet nobody listens. */
  | { readonly kind: 'nobody'; readonly engine: string; readonly hostNetwork: boolean }
  | { readonly kind: 'stranger'; readonly engine: string; readonly holders: readonly Holder[] }
  /** Whoever listens cannot be seen, and no forwarder of the engine's can be seen that might be it. */
  | { readonly kind: 'unseen'; readonly engine: string };
