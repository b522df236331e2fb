/** Loads the one service that a command names. */

import { findTarget, loadTarget, type Target } from '../app/target.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Service, Stack } from '../model/service.ts';
import { noSuchService } from '../model/unknown-service.ts';
import type { Context, Parsed } from './context.ts';
import { configFlag } from './parse/values.ts';

export interface NamedService {
  readonly target: Target;
  readonly stack: Stack;
  readonly service: Service;
}

/** Failures: E002, E301 … E306. */
export async function namedService(parsed: Parsed, context: Context): Promise<Result<NamedService, Failure>> {
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return target;
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return stack;
  const { services } = stack.value;
  const name = parsed.words[0] ?? '';
  const service = services.find((candidate) => candidate.name === name);
  return service
    ? ok({ target: target.value, stack: stack.value, service })
    : fail(
        noSuchService(
          name,
          services.map((one) => one.name),
        ),
      );
}
