/**
 * `devup ports --next`: the lowest port of a range that no service declares and that is free now. Those below it that were
 * passed over are named: a stranger there will be gone tomorrow, and the number with it.
 */

import { loadTarget, type Target } from '../../app/target.ts';
import { portFacts } from '../../machine/port-facts.ts';
import type { Failure } from '../../model/failure.ts';
import { type PortRange, parsePortRange } from '../../model/port-range.ts';
import type { Declaration } from '../../model/port-report.ts';
import { portTroubles } from '../../model/port-trouble.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { suggest } from '../../model/suggest.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { jsonLine } from '../../render/json.ts';
import { nameHolders } from '../../render/words/holder.ts';
import { hidden } from '../../render/words/refusal.ts';
import type { Context } from '../context.ts';
import { done } from '../done.ts';
import type { Screen } from '../screen.ts';

export interface PassedOver {
  readonly port: number;
  readonly why: 'declared' | 'held' | 'blocked' | 'refused';
  /** The service that declares it. */
  readonly service: string | null;
  readonly text: string;
}

export interface FreePort {
  readonly next: number | null;
  readonly passedOver: readonly PassedOver[];
}

const MOST_NAMED = 3;
/** So far beyond a full range the next free port is looked for. */
const BEYOND = 100;

/** A range, or the name of one in the config. Exits 1 when all of it is taken. */
export async function nextPort(
  text: string,
  declared: readonly Declaration[],
  target: Result<Target, Failure>,
  shown: Screen,
  context: Context,
): Promise<number> {
  const range = /^[:\d]/.test(text) ? rangeOf(text) : await categoryRange(text, target, context);
  if (!range.ok) return done(shown, range.failure);
  const { from, to } = range.value;
  const { next, passedOver } = await lowestFree(range.value, declared, shown, context);
  const beyond =
    next === null && to < 65_535
      ? (await lowestFree({ from: to + 1, to: Math.min(to + BEYOND, 65_535) }, declared, shown, context)).next
      : null;
  if (shown.json) {
    await shown.out.write(
      jsonLine({ schemaVersion: 1, next, range: { from, to }, passedOver: passedOver.map((one) => ({ ...one })), beyond }),
    );
    return done(shown, null, next === null ? 1 : 0);
  }
  if (next !== null) await shown.out.write(`${next}\n`);
  else
    await shown.err.write(`every port of ${from}-${to} is declared or in use${beyond === null ? '' : `; ${beyond}, beyond it, is not`}\n`);
  for (const one of nearMisses(passedOver)) await shown.err.write(`${one.port} ${one.text}\n`);
  return done(shown, null, next === null ? 1 : 0);
}

/** The last ones before it, and whatever is merely in use now. */
export function nearMisses(passedOver: readonly PassedOver[]): readonly PassedOver[] {
  const passing = passedOver.filter(({ why }) => why === 'held').slice(-MOST_NAMED);
  return passedOver.filter((one, i) => passing.includes(one) || i === passedOver.length - 1);
}

/** The lowest one that nobody declares, holds, or would have trouble with. */
export async function lowestFree(
  range: PortRange,
  declared: readonly Pick<Declaration, 'service' | 'port'>[],
  shown: Screen,
  { machine }: Context,
): Promise<FreePort> {
  const facts = await portFacts(machine);
  const listening = new Set((await machine.listenSockets()).map(({ port }) => port));
  const passedOver: PassedOver[] = [];
  for (let port = range.from; port <= range.to; port++) {
    // Declared ports are never bound, not even for a look; the others belong to nobody.
    const owner = declared.find((one) => one.port === port);
    const trouble = portTroubles(port, facts).find(({ kind }) => kind === 'blocked' || kind === 'airplay' || kind === 'excluded');
    if (owner) passedOver.push({ port, why: 'declared', service: owner.service, text: `is declared by ${owner.service}` });
    else if (trouble)
      passedOver.push({
        port,
        why: trouble.kind === 'excluded' ? 'refused' : 'blocked',
        service: null,
        text: `is free of services, but ${trouble.why}`,
      });
    else if (listening.has(port))
      passedOver.push({
        port,
        why: 'held',
        service: null,
        text: `is declared by nobody, but held now, by ${await holderOf(port, shown, machine)}`,
      });
    else {
      const probe = await machine.canBind(port);
      if (probe.free) return { next: port, passedOver };
      passedOver.push({ port, why: 'refused', service: null, text: `is declared by nobody, but cannot be bound (${probe.errno})` });
    }
  }
  return { next: null, passedOver };
}

export async function holderOf(port: number, { viewer }: Screen, machine: Context['machine']): Promise<string> {
  const state = (await identifyPorts(machine, [port])).get(port);
  if (state?.kind === 'held' && state.holders.length > 0) return nameHolders(state.holders, viewer);
  return state?.kind === 'hidden' ? `somebody who cannot be seen: ${hidden(state.reason, port, viewer).why}` : 'somebody who is gone again';
}

const MOST_PORTS = 1000;

/** E204. */
export function rangeOf(text: string): Result<PortRange, Failure> {
  const range = parsePortRange(text);
  if (typeof range === 'string') return fail({ code: 'E204', kind: 'bad-port', text, reason: range });
  return range.to - range.from >= MOST_PORTS ? fail({ code: 'E204', kind: 'bad-port', text, reason: 'too-many' }) : ok(range);
}

async function categoryRange(name: string, target: Result<Target, Failure>, context: Context): Promise<Result<PortRange, Failure>> {
  if (!target.ok) return target;
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return stack;
  const categories = stack.value.ranges.map(({ category }) => category);
  const range = stack.value.ranges.find(({ category }) => category === name);
  if (range) return ok(range);
  const meant = suggest(name, categories);
  const known =
    categories.length === 0 ? 'the config declares none' : `there ${categories.length === 1 ? 'is' : 'are'} ${categories.join(', ')}`;
  const suggestion = meant === null ? null : `devup ports --next ${meant}`;
  return fail({ code: 'E001', kind: 'usage', message: `no range is called ${name}: ${known}`, suggestion, command: 'ports' });
}
