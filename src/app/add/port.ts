/** Chooses the port of a new service: the requested port if no other service or range has it, otherwise the next free port of the range. */
import { declarerOf, type UnusablePort } from '../../model/allocation.ts';
import type { Failure, FailureOf } from '../../model/failure.ts';
import type { PortState } from '../../model/port.ts';
import type { PassedOver } from '../../model/port-report.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Stack } from '../../model/service.ts';
import { suggest } from '../../model/suggest.ts';
import type { AppContext } from '../context.ts';
import { type DeclaredPorts, lowestFree, nearMisses, stateOfPort } from '../ports/next.ts';

export interface WantedPort {
  readonly service: string;
  readonly category: string | null;
  /** Null: the next free port of the range. */
  readonly port: number | null;
}

export interface Given {
  readonly port: number;
  /** The requested category, else that of the range that contains the port. */
  readonly category: string | null;
  readonly passedOver: readonly PassedOver[];
  /** The process that holds the port now, although no service declares the port. */
  readonly heldBy: PortState | null;
}

/** Failure: E502. */
export async function givePort(wanted: WantedPort, stack: Stack, context: AppContext): Promise<Result<Given, Failure>> {
  return wanted.port === null ? nextInRange(wanted, stack, context) : checkAsked(wanted, wanted.port, stack, context);
}

async function nextInRange({ service, category }: WantedPort, stack: Stack, context: AppContext): Promise<Result<Given, Failure>> {
  const range = stack.ranges.find((one) => one.category === category);
  if (!range || category === null) {
    const known = stack.ranges.map((one) => one.category);
    const suggestion = category === null ? null : suggest(category, known);
    return refused(service, null, { kind: 'no-range', category, known, suggestion }, null);
  }
  const { next, passedOver } = await lowestFree(range, declared(stack), context);
  if (next === null) return refused(service, null, { kind: 'full', category, range }, null);
  return ok({ port: next, category, passedOver: nearMisses(passedOver), heldBy: null });
}

async function checkAsked(
  { service, category }: WantedPort,
  port: number,
  stack: Stack,
  context: AppContext,
): Promise<Result<Given, Failure>> {
  const around = stack.ranges.filter(({ from, to }) => from <= port && port <= to);
  const own = stack.ranges.find((one) => one.category === (category ?? around[0]?.category));
  const because = objection(port, category, { own, around }, stack);
  if (because) {
    const next = own ? (await lowestFree(own, declared(stack), context)).next : null;
    return refused(service, port, because, next);
  }
  const held = (await context.machine.listenSockets()).some((socket) => socket.port === port);
  const heldBy = held ? await stateOfPort(port, context.machine) : null;
  return ok({ port, category: category ?? own?.category ?? null, passedOver: [], heldBy });
}

type Range = Stack['ranges'][number];

interface PortRanges {
  /** The range of the service's category. */
  readonly own: Range | undefined;
  /** The ranges that the port lies in. */
  readonly around: readonly Range[];
}

function objection(port: number, category: string | null, { own, around }: PortRanges, stack: Stack): UnusablePort | null {
  const by = declarerOf(port, stack);
  if (by !== null) return { kind: 'declared', by };
  const [other] = around;
  if (own) return around.includes(own) ? null : { kind: 'outside', category: own.category, range: own };
  return category !== null && other ? { kind: 'other-range', category: other.category, range: other } : null;
}

function declared({ services }: Stack): DeclaredPorts {
  return services.flatMap(({ name, ports }) => ports.map(({ port }) => ({ service: name, port })));
}

function refused(service: string, port: number | null, because: FailureOf<'E502'>['because'], next: number | null): Result<never, Failure> {
  return fail({ code: 'E502', kind: 'port-not-given', service, port, because, next });
}
