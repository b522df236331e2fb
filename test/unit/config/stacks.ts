/** Stacks from values, without files and processes: what `load` does after a config has exported something. */

import { toPlain } from '../../../src/config/evaluate/plain.ts';
import { buildStack } from '../../../src/config/stack.ts';
import { shapeFindings } from '../../../src/config/validate/shape.ts';
import type { ConfigProblem } from '../../../src/model/config-problem.ts';
import type { PlatformName } from '../../../src/model/platform.ts';
import type { FileWarning, Service, Stack } from '../../../src/model/service.ts';

export interface Surroundings {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: PlatformName;
  readonly onWarning?: (warning: FileWarning) => void;
}

async function build(
  value: unknown,
  { file = '/project/orchestrator.config.ts', env = {}, platform = 'linux', onWarning = () => undefined }: Surroundings,
) {
  const { plain, findings } = toPlain(value);
  return buildStack(plain ?? null, findings, {
    file,
    reads: [],
    env,
    platform,
    onWarning,
    shape: async (shaped) => shapeFindings(shaped),
    locator: async () => () => null,
  });
}

export async function stack(value: unknown, surroundings: Surroundings = {}): Promise<Stack> {
  const built = await build(value, surroundings);
  if (!built.ok) throw new Error(`expected a stack, got ${JSON.stringify(built.failure, null, 2)}`);
  return built.value;
}

/** The service `a` of a stack of one. */
export async function service(a: unknown, surroundings: Surroundings = {}): Promise<Service> {
  return (await stack({ services: { a } }, surroundings)).services[0] as Service;
}

export async function problems(value: unknown, surroundings: Surroundings = {}): Promise<readonly ConfigProblem[]> {
  const built = await build(value, surroundings);
  return built.ok ? [] : built.failure;
}

/** One line per problem: `path message (suggestion)`. */
export async function lines(value: unknown, surroundings: Surroundings = {}): Promise<readonly string[]> {
  return (await problems(value, surroundings)).map(({ path, message, suggestion }) =>
    `${path} ${message}${suggestion === null ? '' : ` (${suggestion})`}`.trim(),
  );
}
