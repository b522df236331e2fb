/** A container as its engine describes it, and why it is not the holder of a port. Facts only. */
import type { ContainerNames } from './container-names.ts';
import type { Holder } from './port.ts';

export interface Container {
  /** The engine's command: `docker`. */
  readonly engine: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** The engine's status: `running`, `exited`, `created` … */
  readonly status: string;
  readonly running: boolean;
  /** The pid of its first process, as the engine sees it; null if the engine does not report it. */
  readonly pid: number | null;
  /** The container has no network of its own: its processes listen on the machine's ports. */
  readonly hostNetwork: boolean;
  /** The machine's TCP ports that are forwarded to the container. */
  readonly publishes: readonly number[];
  /** The container's addresses in the engine's networks. */
  readonly addresses: readonly string[];
  /** The file that names its network namespace; null if the engine does not report it. */
  readonly sandbox: string | null;
  /** The image, as named by the command that made the container: `postgres:16`. */
  readonly image: string | null;
  /** The program and arguments of the container, as far as the command that made it gave them. */
  readonly command: readonly string[];
  /** Wall clock, milliseconds since 1970; null if the engine does not report it, or the container has not run yet. */
  readonly createdAtMs: number | null;
  readonly startedAtMs: number | null;
  /** The command line that made it (podman only). */
  readonly createCommand: readonly string[] | null;
  /** Null: compose did not make it. */
  readonly compose: ComposeOrigin | null;
}

/** The part of a container in a compose project. */
export interface ComposeOrigin {
  readonly project: string;
  readonly service: string | null;
  /** The folder of the compose file. */
  readonly folder: string | null;
  /** Made by `compose run`, not by `compose up`. */
  readonly oneOff: boolean;
  /** The compose services that this one depends on. */
  readonly dependsOn: readonly string[];
}

/** The facts about a container that people are shown. */
export function namesOf({ engine, id, name, image, compose }: Container): ContainerNames {
  return { engine, id, name, image, project: compose?.project ?? null };
}

/** Why a port is not held by the container that the config names. */
export type ContainerProblem =
  /** No engine's command is installed. */
  | { readonly kind: 'no-engine'; readonly engines: readonly string[] }
  /** `said`: an engine's answer other than "no such container". */
  | { readonly kind: 'unknown'; readonly asked: readonly { readonly engine: string; readonly said: string | null }[] }
  | { readonly kind: 'not-running'; readonly engine: string; readonly status: string }
  | { readonly kind: 'publishes-other'; readonly engine: string; readonly ports: readonly number[] }
  /** The port is expected to be held, but has no listener. */
  | { readonly kind: 'nobody'; readonly engine: string; readonly hostNetwork: boolean }
  | { readonly kind: 'stranger'; readonly engine: string; readonly holders: readonly Holder[] }
  /** Neither the holder nor any forwarder of the engine that could be the holder is visible. */
  | { readonly kind: 'unseen'; readonly engine: string };
