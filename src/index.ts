/** The public interface of the package: what a config imports, and what a program may build on. */
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { AppContext } from './app/context.ts';
import type { SupervisedSession } from './app/session/supervise.ts';
import { findConfig } from './config/find/find.ts';
import { loadStack } from './config/load.ts';
import { currentMachine } from './machine/current.ts';
import type { Finding } from './model/drift.ts';
import type { Failure } from './model/failure.ts';
import { GRACE_MS } from './model/graces.ts';
import type { KilledPort } from './model/port-report.ts';
import type { Result } from './model/result.ts';
import { Secrets } from './model/secrets.ts';
import type { Stack } from './model/service.ts';
import type { Session, Snapshot } from './model/session.ts';

export interface LoadConfigOptions {
  /** Where the search begins (default: the working directory). */
  readonly cwd?: string;
  /** This file instead of a search, relative to `cwd`. */
  readonly config?: string;
  /** For `${env.NAME}` and `DEVUP_CONFIG` (default: the environment of this process). */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Finds and loads a config, every default filled in. Runs the config's code. Failures: E301 … E305. */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<Result<Stack, Failure>> {
  const context = contextOf(options);
  const found = await findConfig({ ...context, explicit: options.config ?? null });
  if (!found.ok) return found;
  const { env, machine, version } = context;
  return loadStack(found.value, { env, platform: machine.platform, clock: machine.clock, version });
}

export interface SuperviseOptions {
  /** For the services, and for the config when it is read again (default: the environment of this process). */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Begin also when a session in another network namespace seems to live. */
  readonly force?: boolean;
}

/**
 * Begins the session of a stack in this process, with nothing started yet. It keeps the process alive until it has ended, and installs no
 * signal handlers: a program that is to end in order calls `stop` first, and if it dies without, devup's guard ends the services.
 * Other programs, and the command line, can reach the session as any other. Failures: E402, E403 (another user's), E405 … E407 (its
 * folders), E409 (lives in another network namespace), E413 (another process runs it).
 */
export async function supervise(stack: Stack, options: SuperviseOptions = {}): Promise<Result<SupervisedSession, Failure>> {
  const [{ superviseStack }, { REPORTING }, context] = await Promise.all([
    import('./app/session/supervise.ts'),
    import('./cli/reporting.ts'),
    contextOf(options),
  ]);
  return superviseStack(stack, context, { reporting: REPORTING, force: options.force ?? false });
}

/** A running session, from outside: what the command line, too, knows of it. `close` it in the end. */
export interface Connection extends Session {
  close(): void;
}

/**
 * The running session of a stack, found as the command line finds it; the config is not run. Failures: E301, E302 (no
 * such config), E401 (nothing runs), E402 (no answer), E403 (another user's), E404 (another version of devup), E405.
 */
export async function connect(options: LoadConfigOptions = {}): Promise<Result<Connection, Failure>> {
  const [{ connectTarget, findTarget }, context] = await Promise.all([import('./app/target.ts'), contextOf(options)]);
  const target = await findTarget(options.config ?? null, context);
  return target.ok ? connectTarget(target.value, context) : target;
}

/**
 * The stack as `devup status` shows it: what its session says, or, when none runs, what the config promises held against
 * the machine (`session` is null then). Signals nobody and binds nothing. Failures: E301 … E305 (the config, when no session ran before
 * either), E402, E403, E405.
 */
export async function status(options: LoadConfigOptions = {}): Promise<Result<Snapshot, Failure>> {
  const [{ findTarget }, { stackStatus }, context] = await Promise.all([
    import('./app/target.ts'),
    import('./app/status.ts'),
    contextOf(options),
  ]);
  const target = await findTarget(options.config ?? null, context);
  return target.ok ? stackStatus(target.value, context, 'whole') : target;
}

export interface FreePortsOptions extends LoadConfigOptions {
  /** From SIGTERM to SIGKILL, in milliseconds (default: 5000); what this stack's own sessions left behind gets ten seconds. */
  readonly graceMs?: number;
  /** Also SIGKILL for data servers, which are otherwise only asked to end. */
  readonly force?: boolean;
  /** Find out what would be done, and signal nobody. */
  readonly dryRun?: boolean;
}

/**
 * Frees ports as `devup kill` does: services are stopped through the session that runs them, containers by their engine, and what holds
 * a port otherwise is ended with its whole tree. One outcome for each port, in their order, whether it is free now or not: `refused` and
 * `failed` have a `problem` (E205, E202 …). Needs no config. Failures: E204 (no port).
 */
export async function freePorts(ports: readonly number[], options: FreePortsOptions = {}): Promise<Result<readonly KilledPort[], Failure>> {
  const [{ killPorts }, { findTarget }, context] = await Promise.all([
    import('./app/kill/kill.ts'),
    import('./app/target.ts'),
    contextOf(options),
  ]);
  const { graceMs = GRACE_MS.holder, force = false, dryRun = false } = options;
  const target = await findTarget(options.config ?? null, context);
  const words = ports.map(String);
  return killPorts({ words, target, signal: 'SIGTERM', graceMs, force, dryRun, onSession: () => undefined }, context);
}

/**
 * Where the files of the repository disagree with the config about ports, as `devup check` finds it: first what concerns the config
 * alone, then by file and line. Changes nothing. Rejects only when the config's own folder cannot be read.
 */
export async function checkRepository(stack: Stack): Promise<readonly Finding[]> {
  const [{ checkStack }, { portFacts }] = await Promise.all([import('./check/check.ts'), import('./machine/port-facts.ts')]);
  return (await checkStack({ stack, ...(await portFacts(currentMachine())) })).findings;
}

function contextOf({ cwd, env = process.env }: LoadConfigOptions): AppContext {
  return {
    // Reads a config again for a running session.
    invocation: { execPath: process.execPath, bin: fileURLToPath(new URL('./bin.cjs', import.meta.url)), argv: [] },
    version: __DEVUP_VERSION__,
    cwd: cwd ?? process.cwd(),
    env,
    home: homedir(),
    machine: currentMachine(),
    secrets: new Secrets(env),
  };
}

export type { SupervisedSession } from './app/session/supervise.ts';
export { defineConfig } from './config/define.ts';
export type { Finding } from './model/drift.ts';
export type { Ending, EndSignal } from './model/ending.ts';
export type { Event } from './model/event.ts';
export type { ConfigProblem, Failure } from './model/failure.ts';
export { buildPlan, type Plan, type PlannedService, type PlanRequest } from './model/plan.ts';
export type { KilledPort } from './model/port-report.ts';
export type { Result } from './model/result.ts';
export type {
  CheckInput,
  CommandInput,
  ConflictInput,
  DependsOnInput,
  DurationInput,
  HealthInput,
  ListenerInput,
  PatternInput,
  PlatformCommandInput,
  PortInput,
  RangeInput,
  ReadinessInput,
  RestartInput,
  Service,
  ServiceInput,
  Stack,
  StackInput,
  StopInput,
} from './model/service.ts';
export {
  type EventsOptions,
  type Order,
  type Reply,
  type ServiceSnapshot,
  type Session,
  type Snapshot,
  type StartOrder,
  startOrder,
} from './model/session.ts';
