/** `devup ports`: the ports of the config against the machine, one port in full, all listeners, or a number for a new service. */
import type { Failure } from '../../model/failure.ts';
import type { PortState } from '../../model/port.ts';
import { type PortRange, parsePortRange } from '../../model/port-range.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { judgePort } from '../../ports/judge.ts';
import { readRecord } from '../../processes/record.ts';
import { holderJson, jsonLine } from '../../render/json.ts';
import { type PortRow, portsTable } from '../../render/port-tables.ts';
import type { Viewer } from '../../render/words/viewer.ts';
import type { Context, Parsed } from '../context.ts';
import { done } from '../done.ts';
import { declaredServices, judgeFromOutside } from '../outside.ts';
import { portDetails } from '../port-details.ts';
import { type Screen, screen } from '../screen.ts';
import { connectAnyTarget, findTarget, loadTarget, type Target } from '../target.ts';
import { textFlag } from '../values.ts';

const MOST_PORTS = 1000;

export async function ports(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const named = namedPorts(parsed.words);
  if (!named.ok) return done(shown, named.failure);
  const next = textFlag(parsed, 'next');
  const target = await findTarget(parsed, context);
  const declared = await declaredPorts(target, context);
  const needsConfig = named.value.length === 0 && parsed.flags['all'] !== true && next === null;
  if (!declared.ok) {
    if (needsConfig || declared.failure.code !== 'E301') return done(shown, declared.failure);
  }
  const known = declared.ok ? declared.value : [];
  if (next !== null) return nextPort(next, known, target, shown, context);
  const wanted =
    parsed.flags['all'] === true ? await everyListener(context) : named.value.length > 0 ? named.value : known.map(({ port }) => port);
  const rows = await rowsOf(wanted, known, target, context);
  if (shown.json) await shown.out.write(jsonLine(portsJson(rows, shown.viewer)));
  else if (named.value.length > 0) await shown.out.write(rows.map((row) => portDetails(row, shown)).join('\n'));
  else await shown.out.write(portsTable(rows, { colour: shown.outColour, viewer: shown.viewer }));
  return done(shown, null);
}

function namedPorts(words: readonly string[]): Result<readonly number[], Failure> {
  const found = new Set<number>();
  for (const word of words) {
    const range = rangeOf(word);
    if (!range.ok) return range;
    for (let port = range.value.from; port <= range.value.to; port++) found.add(port);
  }
  return ok([...found]);
}

/** E204. */
function rangeOf(text: string): Result<PortRange, Failure> {
  const range = parsePortRange(text);
  if (typeof range === 'string') return fail({ code: 'E204', kind: 'bad-port', text, reason: range });
  return range.to - range.from >= MOST_PORTS ? fail({ code: 'E204', kind: 'bad-port', text, reason: 'too-many' }) : ok(range);
}

interface Declared {
  readonly service: string;
  readonly port: number;
}

async function declaredPorts(target: Result<Target, Failure>, context: Context): Promise<Result<readonly Declared[], Failure>> {
  if (!target.ok) return target;
  const services = await declaredServices(target.value, context);
  if (!services.ok) return services;
  return ok(services.value.flatMap(({ name, ports: own }) => Object.values(own).map((port) => ({ service: name, port }))));
}

async function everyListener({ machine }: Context): Promise<readonly number[]> {
  return [...new Set((await machine.listenSockets()).map(({ port }) => port))].toSorted((a, b) => a - b);
}

/** One pass for all of them. */
async function rowsOf(
  wanted: readonly number[],
  known: readonly Declared[],
  target: Result<Target, Failure>,
  context: Context,
): Promise<readonly PortRow[]> {
  const states = await identifyPorts(context.machine, wanted);
  const judging = target.ok ? await judgeOf(target.value, context) : null;
  const rows: PortRow[] = [];
  for (const port of wanted) {
    const state: PortState = states.get(port) ?? { port, kind: 'free' };
    const service = known.find((one) => one.port === port)?.service ?? null;
    rows.push({ port, service, state, verdict: service !== null && judging ? await judgePort(state, service, judging) : null });
  }
  return rows;
}

async function judgeOf(target: Target, context: Context): Promise<ReturnType<typeof judgeFromOutside>> {
  const record = await readRecord(context.machine, target.folder);
  const session = await connectAnyTarget(target, context);
  if (!session.ok) return judgeFromOutside(target, record, context, () => false);
  const snapshot = await session.value.snapshot();
  session.value.close();
  const adopted = snapshot.ok ? snapshot.value.services.filter(({ state }) => state === 'external').map(({ name }) => name) : [];
  return judgeFromOutside(target, record, context, (service) => adopted.includes(service), true);
}

function portsJson(rows: readonly PortRow[], viewer: Viewer) {
  return {
    schemaVersion: 1,
    ports: rows.map(({ port, service, state, verdict }) => ({
      port,
      service,
      verdict,
      state: state.kind,
      addresses: state.kind === 'free' ? [] : state.addresses,
      holders: state.kind === 'held' ? state.holders.map((holder) => holderJson(holder, viewer)) : [],
    })),
  };
}

/** A range, or the name of one in the config. Exits 1 when all of it is taken. */
async function nextPort(
  text: string,
  known: readonly Declared[],
  target: Result<Target, Failure>,
  shown: Screen,
  context: Context,
): Promise<number> {
  const range = /^[:\d]/.test(text) ? rangeOf(text) : await categoryRange(text, target, context);
  if (!range.ok) return done(shown, range.failure);
  const taken = new Set([...known.map(({ port }) => port), ...(await context.machine.listenSockets()).map(({ port }) => port)]);
  for (let port = range.value.from; port <= range.value.to; port++) {
    // Declared ports are never bound, not even for a look; the others belong to nobody.
    if (taken.has(port) || !(await context.machine.canBind(port)).free) continue;
    await shown.out.write(shown.json ? jsonLine({ schemaVersion: 1, next: port }) : `${port}\n`);
    return done(shown, null);
  }
  if (shown.json) await shown.out.write(jsonLine({ schemaVersion: 1, next: null }));
  else await shown.err.write(`every port of ${range.value.from}-${range.value.to} is declared or in use\n`);
  return done(shown, null, 1);
}

async function categoryRange(name: string, target: Result<Target, Failure>, context: Context): Promise<Result<PortRange, Failure>> {
  const stack = target.ok ? await loadTarget(target.value, context) : null;
  const range = stack?.ok ? stack.value.ranges.find(({ category }) => category === name) : undefined;
  return range ? ok(range) : fail({ code: 'E204', kind: 'bad-port', text: name, reason: 'not-a-port' });
}
