/** Starts services in a session, in this process or another. */
import type { Machine } from '../../machine/machine.ts';
import type { Failure } from '../../model/failure.ts';
import { buildPlan, type Plan } from '../../model/plan.ts';
import { fail, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import type { Reply, Session, StartOrder } from '../../model/session.ts';
import type { Supervisor } from '../../supervisor/supervisor.ts';
import type { Target } from '../target.ts';

/** A start whose config is read. */
export interface PlannedStart {
  readonly target: Target;
  readonly stack: Stack;
  readonly order: StartOrder;
  readonly plan: Plan;
}

export function planStart(target: Target, stack: Stack, order: StartOrder): PlannedStart {
  return { target, stack, order, plan: buildPlan(stack.services, order) };
}

export function plannedNames({ services }: Plan): readonly string[] {
  return services.map(({ service }) => service.name);
}

/** The timeout counts from the start of the command's process; the session gets the remaining time. Fails with E114 on timeout. */
export async function sendStart(session: Session, order: StartOrder, { clock }: Machine): Promise<Result<Reply, Failure>> {
  const { timeoutMs } = order;
  if (timeoutMs === null) return session.send(order);
  const reply = await session.send({ ...order, timeoutMs: Math.max(0, Math.round(timeoutMs - clock.now())) });
  return !reply.ok && reply.failure.code === 'E114' ? fail({ ...reply.failure, timeoutMs }) : reply;
}

/**
 * Whether a session stays after its first start: the start succeeded, a service is being debugged, or `keepGoing` keeps a running service.
 */
export function staysAfter(reply: Result<Reply, Failure>, { keepGoing }: StartOrder, { actors }: Supervisor): boolean {
  if (!reply.ok && reply.failure.code === 'E118') return true;
  return reply.ok || (keepGoing && [...actors.values()].some(({ active }) => active));
}
