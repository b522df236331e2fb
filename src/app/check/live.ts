/** `devup check --live`: compares the running stack, found through its session, with the config. */

import { checkLive, type LiveResult } from '../../check/live/live.ts';
import { readRepository } from '../../check/repository.ts';
import { askHttp } from '../../machine/http.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import { readRecord } from '../../processes/record.ts';
import type { AppContext } from '../context.ts';
import { connectAnyTarget, type Target } from '../target.ts';
import { listeningNow, type NameHolder } from './listeners.ts';

const LIMITS = { answerMs: 5000, bodyMs: 1000, bodyLength: 64 * 1024 };

/** Failures: E401 without a session, E402 … E412 when it cannot be reached. */
export async function checkRunning(
  target: Target,
  stack: Stack,
  context: AppContext,
  nameOf: NameHolder,
): Promise<Result<LiveResult, Failure>> {
  const { machine } = context;
  const connected = await connectAnyTarget(target, context);
  if (!connected.ok) return connected.failure.code === 'E401' ? notRunning(stack) : connected;
  const snapshot = await connected.value.snapshot();
  connected.value.close();
  if (!snapshot.ok) return snapshot;
  const { session, services } = snapshot.value;
  if (!session) return notRunning(stack);
  const record = await readRecord(machine, target.folder);
  const own = { stackId: stack.id, key: session.key, record: record?.session === session.key ? record : null };
  const declared = new Set(stack.services.flatMap(({ ports }) => ports.map(({ port }) => port)));
  const repository = await readRepository(stack);
  const result = await checkLive({
    repository,
    running: new Map(services.map(({ name, state, stale, problem }) => [name, { state, stale, problem }])),
    listeners: await listeningNow(machine, own, declared, nameOf),
    ephemeral: await machine.ephemeralPorts(),
    ask: (request) => askHttp(request, LIMITS, machine.clock),
  });
  return ok(result);
}

function notRunning(stack: Stack): Result<never, Failure> {
  return fail({ code: 'E401', kind: 'no-session', stack: stack.name });
}
