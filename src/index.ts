/** The public interface of the package: what a config imports, and what a program may build on. */
import { homedir } from 'node:os';
import { findConfig } from './config/find/find.ts';
import { loadStack } from './config/load.ts';
import { connect as connectTo } from './control/client.ts';
import { sessionEndpoint } from './control/endpoint.ts';
import { systemClock } from './machine/clock.ts';
import { currentMachine } from './machine/current.ts';
import type { Failure } from './model/failure.ts';
import type { Result } from './model/result.ts';
import type { Stack } from './model/service.ts';
import type { Session } from './model/session.ts';
import { stackId } from './model/stack-id.ts';

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
  const env = options.env ?? process.env;
  const found = await findConfig({ cwd: options.cwd ?? process.cwd(), explicit: options.config ?? null, env, home: homedir() });
  if (!found.ok) return found;
  return loadStack(found.value, { env, platform: currentMachine().platform, clock: systemClock, version: __DEVUP_VERSION__ });
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
  const env = options.env ?? process.env;
  const home = homedir();
  const machine = currentMachine();
  const found = await findConfig({ cwd: options.cwd ?? process.cwd(), explicit: options.config ?? null, env, home });
  if (!found.ok) return found;
  const endpoint = sessionEndpoint(stackId(found.value.file), { env, home, uid: machine.uid, platform: machine.platform });
  if (!endpoint.ok) return endpoint;
  return connectTo(endpoint.value, __DEVUP_VERSION__, { clock: machine.clock, userName: (uid) => machine.userName(uid) });
}

export { defineConfig } from './config/define.ts';
export type { Event } from './model/event.ts';
export type { ConfigProblem, Failure } from './model/failure.ts';
export { buildPlan, type Plan, type PlannedService, type PlanRequest } from './model/plan.ts';
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
export type { EventsOptions, Order, Reply, ServiceSnapshot, Session, Snapshot } from './model/session.ts';
