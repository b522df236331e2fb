/** The public API of the package, for configs and for programs. */
import { fileURLToPath } from 'node:url';
import { type AppContext, contextOf } from './app/context.ts';
import { fileOwners } from './app/file-owners.ts';
import type { SupervisedSession } from './app/session/supervise.ts';
import { findConfig } from './config/find/find.ts';
import { loadStack } from './config/load.ts';
import { currentMachine } from './machine/current.ts';
import type { Finding } from './model/drift.ts';
import type { Failure } from './model/failure.ts';
import { GRACE_MS } from './model/graces.ts';
import type { KilledPort } from './model/port-report.ts';
import { ok, type Result } from './model/result.ts';
import type { Stack } from './model/service.ts';
import type { Session, Snapshot } from './model/session.ts';

export interface LoadConfigOptions {
  /** Where the search starts (default: the working directory). */
  readonly cwd?: string;
  /** The config file, relative to `cwd` (default: search for one). */
  readonly config?: string;
  /** For `${env.NAME}` and `DEVUP_CONFIG` (default: the environment of this process). */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Finds and loads a config, with every default filled in. Runs the config's code. Failures: E301 … E305, E307. */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<Result<Stack, Failure>> {
  const context = contextFrom(options);
  const found = await findConfig({ ...context, explicit: options.config ?? null, owners: fileOwners(context) });
  if (!found.ok) return found;
  const { env, machine, version } = context;
  return loadStack(found.value, { env, platform: machine.platform, clock: machine.clock, version });
}

export interface SuperviseOptions {
  /** Environment of the services, and of the config when it is reloaded (default: the environment of this process). */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Begin even if a session seems to run in another network namespace. */
  readonly force?: boolean;
}

/**
 * Begins the session of a stack in this process, with no service started. The session keeps the process alive and installs no
 * signal handlers: call `stop` to end it in order. If the process dies, devup's guard ends the services. Other programs and the
 * command line can connect to the session. Failures: E402, E403 (another user's session), E405 … E407 (its folders), E409 (a
 * session in another network namespace), E413 (another process runs the stack).
 */
export async function supervise(stack: Stack, options: SuperviseOptions = {}): Promise<Result<SupervisedSession, Failure>> {
  const [{ superviseStack }, { reportingOn }, context] = await Promise.all([
    import('./app/session/supervise.ts'),
    import('./render/reporting.ts'),
    contextFrom(options),
  ]);
  return superviseStack(stack, context, { reporting: reportingOn(context.machine.platform), force: options.force ?? false });
}

/** A connection to a running session, as the command line has it. Call `close` when done. */
export interface Connection extends Session {
  close(): void;
}

/**
 * Connects to the running session of a stack, found as the command line finds it. Does not run the config. Failures: E301,
 * E302 (no such config), E307 (another user's config), E401 (no session), E402 (no answer), E403 (another user's session), E404 (another version of devup),
 * E405.
 */
export async function connect(options: LoadConfigOptions = {}): Promise<Result<Connection, Failure>> {
  const [{ connectTarget, findTarget }, context] = await Promise.all([import('./app/target.ts'), contextFrom(options)]);
  const target = await findTarget(options.config ?? null, context);
  return target.ok ? connectTarget(target.value, context) : target;
}

/**
 * The status of a stack, as `devup status` shows it: the snapshot of its session or, without one, the config compared with the
 * machine (`session` is null then). Sends no signals and binds no ports. Failures: E301 … E305 (the config, if there is no record
 * of a session either), E307, E402, E403, E405.
 */
export async function status(options: LoadConfigOptions = {}): Promise<Result<Snapshot, Failure>> {
  const [{ findTarget }, { stackStatus }, context] = await Promise.all([
    import('./app/target.ts'),
    import('./app/status.ts'),
    contextFrom(options),
  ]);
  const target = await findTarget(options.config ?? null, context);
  return target.ok ? stackStatus(target.value, context, 'whole') : target;
}

export interface FreePortsOptions extends LoadConfigOptions {
  /**
   * Time between SIGTERM and SIGKILL in milliseconds (default: 5000, as for `devup kill`). Leftovers of this stack get the grace
   * of a service.
   */
  readonly graceMs?: number;
  /** Send SIGKILL to data servers, too, which otherwise only get SIGTERM. */
  readonly force?: boolean;
  /** Report what would be done, and send no signals. */
  readonly dryRun?: boolean;
}

/**
 * Frees ports as `devup kill` does. Services are stopped through the session that runs them and containers by their engine; any
 * other holder is ended with its whole process tree. Returns one outcome for each port, in their order; `refused` and `failed`
 * have a `problem` (E205, E202 …). Needs no config. Failures: E204 (not a port).
 */
export async function freePorts(ports: readonly number[], options: FreePortsOptions = {}): Promise<Result<readonly KilledPort[], Failure>> {
  const [{ killPorts }, { findTarget }, context] = await Promise.all([
    import('./app/kill/kill.ts'),
    import('./app/target.ts'),
    contextFrom(options),
  ]);
  const { graceMs = GRACE_MS.holder, force = false, dryRun = false } = options;
  const target = await findTarget(options.config ?? null, context);
  const words = ports.map(String);
  const killed = await killPorts({ words, target, signal: 'SIGTERM', graceMs, force, dryRun, onSession: () => undefined }, context);
  return killed.ok ? ok(killed.value.ports) : killed;
}

/**
 * Finds drift, as `devup check` does: places in the repository that disagree with the config about ports. Findings about the
 * config itself come first, then the others by file and line. Changes nothing. Rejects only if the config's folder cannot be read.
 */
export async function checkRepository(stack: Stack): Promise<readonly Finding[]> {
  const [{ checkFiles }, { troubleWords }] = await Promise.all([import('./app/check/files.ts'), import('./render/words/port-trouble.ts')]);
  return (await checkFiles(stack, currentMachine(), troubleWords)).findings;
}

function contextFrom({ cwd, env = process.env }: LoadConfigOptions): AppContext {
  return contextOf({
    // Reads a config again for a running session.
    invocation: { execPath: process.execPath, bin: fileURLToPath(new URL('./bin.cjs', import.meta.url)), argv: [] },
    cwd: cwd ?? process.cwd(),
    env,
  });
}

export type { SupervisedSession } from './app/session/supervise.ts';
export { defineConfig } from './config/define.ts';
export type { ConfigProblem } from './model/config-problem.ts';
export type { Finding } from './model/drift.ts';
export type { Ending, EndSignal } from './model/ending.ts';
export type { Event } from './model/event.ts';
export type { Failure } from './model/failure.ts';
export { buildPlan, type Plan, type PlannedService, type PlanRequest } from './model/plan.ts';
export type { KilledPort } from './model/port-report.ts';
export type { Result } from './model/result.ts';
export type {
  CheckInput,
  CommandInput,
  ConflictInput,
  DependsOnInput,
  DurationInput,
  EnvFileInput,
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
