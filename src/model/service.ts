/**
 * `StackInput` is what people write in a config file. `Stack` is what the rest of devup works with, made by `config/`: paths are
 * absolute, defaults are filled in, and placeholders are resolved. It is plain JSON, so that it can be compared, hashed and sent over a
 * socket as it is.
 */

import { formatHostPort } from './address.ts';
import type { PlatformName } from './platform.ts';
import { shellWord } from './shell-word.ts';

/** A duration as people write it: `"500ms"`, `"10s"`, `"2m"`, `"1h"`, or a number of milliseconds. */
export type DurationInput = string | number;
export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL';
export type CommandInput = string | readonly string[];
export type PlatformCommandInput = CommandInput | ({ readonly default: CommandInput } & { readonly [N in PlatformName]?: CommandInput });

export interface PatternInput {
  readonly source: string;
  readonly flags?: string;
}
/** The forms of a test in a config. The key names the kind of the test. */
export interface TestInputs {
  readonly port: { readonly port: true };
  readonly http: {
    /** A path on the main port's URL, or a whole URL. Redirects are not followed. */
    readonly http: string;
    /** One status, or a range such as `"200-399"` (the default). */
    readonly status?: number | string;
    /** Text that the body must contain. */
    readonly body?: string;
  };
  readonly tcp: {
    /** `"host:port"`, or a port of this machine. */
    readonly tcp: string | number;
  };
  readonly log: {
    /** Text that a line of the output must contain, or a pattern (`{ source, flags }` in formats without RegExp). */
    readonly log: string | RegExp | PatternInput;
  };
  readonly command: { readonly command: CommandInput };
  readonly exit: { readonly exit: 0 };
}
export type TestKind = keyof TestInputs;
export type ReadinessTestInput = TestInputs[TestKind];
export interface ReadinessTiming {
  /** Counted from spawn; 60 s by default, none for a task. */
  readonly timeout?: DurationInput;
  /** Between two attempts of `http`, `tcp` and `command`. */
  readonly interval?: DurationInput;
}
export type ReadinessInput = (ReadinessTestInput & ReadinessTiming) | readonly (ReadinessTestInput & ReadinessTiming)[];

/** Kinds of tests that can be repeated while the service runs, also by a process that did not start the service. */
export type HealthTestKind = Exclude<TestKind, 'log' | 'exit'>;
export type HealthTestInput = TestInputs[HealthTestKind];
export type HealthInput = HealthTestInput & {
  readonly interval?: DurationInput;
  readonly timeout?: DurationInput;
  /** Failures in a row before the service is `unhealthy`. */
  readonly retries?: number;
  /** False: an unhealthy service is shown as `unhealthy`, and never restarted for that. */
  readonly restart?: boolean;
};

export type Condition = 'ready' | 'started' | 'completed';
export type DependsOnInput<Name extends string> = Name | readonly Name[] | { readonly [N in Name]?: Condition };
export type RestartPolicy = 'no' | 'on-failure' | 'always';
export type RestartInput =
  | RestartPolicy
  | {
      readonly policy: RestartPolicy;
      readonly max?: number;
      readonly stable?: DurationInput;
      readonly backoff?: { readonly initial?: DurationInput; readonly max?: DurationInput };
    };
export type StopInput =
  | { readonly signal?: SignalName; readonly timeout?: DurationInput }
  | { readonly command: CommandInput; readonly timeout?: DurationInput };
export type ConflictPolicy = 'kill' | 'ask' | 'fail' | 'reuse';
export type ConflictInput = ConflictPolicy | { readonly reuse: ReadinessInput };
export type ListenerInput = 'tree' | 'any' | { readonly container: string };
/** A file that is not required may be missing. With `expand: false`, `${NAME}` in its values stays as it is. */
export type EnvFileInput = string | { readonly path: string; readonly required?: boolean; readonly expand?: boolean };
export type PortInput = number | { readonly port: number; readonly required?: boolean };

export interface ServiceInput<Name extends string = string> {
  readonly command?: PlatformCommandInput;
  readonly port?: number;
  readonly ports?: { readonly [name: string]: PortInput };
  readonly host?: string;
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string | number | boolean };
  readonly envFile?: EnvFileInput | readonly EnvFileInput[];
  readonly dependsOn?: DependsOnInput<Name>;
  readonly ready?: ReadinessInput;
  readonly listener?: ListenerInput;
  readonly health?: HealthInput;
  readonly restart?: RestartInput;
  readonly stop?: StopInput;
  readonly onConflict?: ConflictInput;
  readonly optional?: boolean;
  readonly profiles?: readonly string[];
  readonly links?: { readonly [name: string]: string };
  readonly category?: string;
  readonly description?: string;
  readonly labels?: { readonly [name: string]: string };
  readonly output?: OutputMode;
}

/** `split`: stdout and stderr have a pipe each. `merged`: they share one, which keeps the order of their lines. */
export type OutputMode = 'split' | 'merged';

export interface RangeInput {
  /** `"3000-3099"`, both ends included. */
  readonly ports: string;
  readonly purpose?: string;
}

export interface CheckInput {
  /** Patterns of the files to check, such as `"apps/**"`, relative to the config. */
  readonly include?: readonly string[];
  /** Patterns of files to leave out. */
  readonly ignore?: readonly string[];
}

export interface StackInput<Name extends string = string> {
  readonly $schema?: string;
  readonly name?: string;
  readonly services: { readonly [N in Name]: ServiceInput<NoInfer<Name>> };
  readonly ranges?: { readonly [category: string]: RangeInput };
  readonly routes?: { readonly [prefix: string]: NoInfer<Name> };
  readonly check?: CheckInput;
}

/** A command to run: a line for a shell, or an argv that is run without a shell. */
export type Command =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'argv'; readonly argv: readonly [string, ...string[]] };

export interface DeclaredPort {
  readonly name: string;
  readonly port: number;
  /** False: the port is claimed, but readiness does not wait for it (a debugger's port). */
  readonly required: boolean;
}

export type ReadinessTest =
  | { readonly kind: 'port' }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly status: { readonly from: number; readonly to: number };
      readonly body: string | null;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'log'; readonly source: string; readonly flags: string }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'exit' };

export interface Readiness {
  /** All tests must pass. Empty: the service is ready once it holds its required ports, or, without ports, once it is spawned. */
  readonly tests: readonly ReadinessTest[];
  /** Counted from spawn; null: no limit (a task). */
  readonly timeoutMs: number | null;
  readonly intervalMs: number;
}

export interface Health {
  readonly test: ReadinessTest;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  /** Whether a failure is a reason for a restart, as far as the service's `restart` allows one. */
  readonly restart: boolean;
}

export interface Restart {
  readonly policy: RestartPolicy;
  readonly max: number;
  readonly stableMs: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

export type Stop =
  | { readonly kind: 'signal'; readonly signal: SignalName; readonly timeoutMs: number }
  | { readonly kind: 'command'; readonly command: Command; readonly timeoutMs: number };

export type OnConflict = { readonly policy: 'kill' | 'ask' | 'fail' } | { readonly policy: 'reuse'; readonly proof: Readiness };

export type Listener = { readonly kind: 'tree' } | { readonly kind: 'any' } | { readonly kind: 'container'; readonly container: string };

export interface Dependency {
  readonly service: string;
  readonly condition: Condition;
}

export interface Service {
  readonly name: string;
  /** Null: an external service, which is never started or stopped and must pass `ready`. */
  readonly command: Command | null;
  /** The first one is the main port; empty for a worker. */
  readonly ports: readonly DeclaredPort[];
  readonly host: string;
  /** The config's `host` is a loopback address: the service is to be unreachable from other machines. */
  readonly localOnly: boolean;
  /** Absolute. */
  readonly cwd: string;
  /** The config's `env`, which overrides the environment of the command that began the session. */
  readonly env: Readonly<Record<string, string>>;
  /** Values from `envFile`, which the environment of the command that began the session overrides. */
  readonly envFileValues: Readonly<Record<string, string>>;
  /** Absolute paths of the `envFile` files. */
  readonly envFiles: readonly string[];
  /** The declared dependencies; null if omitted: the default chain of the plan applies. */
  readonly dependsOn: readonly Dependency[] | null;
  readonly ready: Readiness;
  readonly listener: Listener;
  readonly health: Health | null;
  readonly restart: Restart;
  readonly stop: Stop;
  readonly onConflict: OnConflict;
  readonly optional: boolean;
  readonly profiles: readonly string[];
  /** Absolute URLs. */
  readonly links: Readonly<Record<string, string>>;
  readonly category: string | null;
  readonly description: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly output: OutputMode;
}

export interface Stack {
  /** For display; the identity is `id`. */
  readonly name: string;
  /** `stackId` of the config's real path. */
  readonly id: string;
  /** Absolute, real path of the config file. */
  readonly configFile: string;
  /** Absolute paths of the other files that the config's code imported or read, without packages. */
  readonly configReads: readonly string[];
  /** The folder of the config file. Relative paths start here, and `.devup/` is here. */
  readonly root: string;
  /** In declared order. */
  readonly services: readonly Service[];
  readonly ranges: readonly { readonly category: string; readonly from: number; readonly to: number; readonly purpose: string | null }[];
  readonly routes: readonly { readonly prefix: string; readonly service: string }[];
  /** The files that `devup check` reads; `include` is null for all. */
  readonly check: { readonly include: readonly string[] | null; readonly ignore: readonly string[] };
}

/** A place of a file that a config names, or of a file with the name of a config, and what is wrong there. The message contains no values. */
export interface FileWarning {
  /** Absolute. */
  readonly file: string;
  /** Null: it is about the whole file. */
  readonly line: number | null;
  readonly message: string;
}

/** Whether the service runs to completion (a migration, an install): `ready: { exit: 0 }`. */
export function isTask(service: Service): boolean {
  return service.ready.tests.some((test) => test.kind === 'exit');
}

/** Whether devup only watches the service: it has no command. */
export function isExternal(service: Service): boolean {
  return service.command === null;
}

/** A command as messages show it. The words of an argv are not quoted. */
export function commandText(command: Command): string {
  return command.kind === 'line' ? command.line : command.argv.join(' ');
}

/** A command as a line for a shell, which must not expand the words of an argv. */
export function commandLine(command: Command): string {
  if (command.kind === 'line') return command.line;
  return command.argv.map((word) => (word.startsWith('~') ? `'~'${shellWord(word.slice(1))}` : shellWord(word))).join(' ');
}

export function mainPort(service: Service): number | null {
  return service.ports[0]?.port ?? null;
}

/** The URL at which clients reach the service's main port; null without one. */
export function serviceUrl({ host, ports }: Pick<Service, 'host' | 'ports'>): string | null {
  const [main] = ports;
  return main ? `http://${formatHostPort({ host, port: main.port })}` : null;
}

/** The variable that tells a service a port that is not its main one. */
export function portVariable(name: string): string {
  return `PORT_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}
