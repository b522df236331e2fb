/** The public interface of the package: what a config imports, and what a program may build on. */
import { homedir } from 'node:os';
import { findConfig } from './config/find.ts';
import { loadStack } from './config/load.ts';
import { systemClock } from './machine/clock.ts';
import type { Failure } from './model/failure.ts';
import type { Result } from './model/result.ts';
import type { Stack } from './model/service.ts';

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
  return loadStack(found.value, { env, platform: process.platform, clock: systemClock, version: __DEVUP_VERSION__ });
}

export { defineConfig } from './config/define.ts';
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
