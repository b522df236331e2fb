/** Compares ports with the machine, in one pass: the service that declares each, its holders, and warnings. */

import { portFacts } from '../../machine/port-facts.ts';
import type { Failure } from '../../model/failure.ts';
import type { PortState } from '../../model/port.ts';
import type { Declaration, PortRow } from '../../model/port-report.ts';
import { type PortTrouble, portTroubles, reachableTrouble } from '../../model/port-trouble.ts';
import { ok, type Result } from '../../model/result.ts';
import { identifyPorts } from '../../ports/identify.ts';
import { judgePort } from '../../ports/judge.ts';
import { nameContainers } from '../../ports/name-containers.ts';
import { readRecord } from '../../processes/record.ts';
import type { AppContext } from '../context.ts';
import { closedIn, declaredServices, judgeFromOutside, memberAccordingTo } from '../status.ts';
import { connectAnyTarget, loadTarget, type Target } from '../target.ts';

/** One for each declared port, from the session, else the config, else the record. */
export async function promisedPorts(
  target: Result<Target, Failure>,
  context: AppContext,
): Promise<Result<readonly Declaration[], Failure>> {
  if (!target.ok) return target;
  const services = await declaredServices(target.value, context);
  if (!services.ok) return services;
  const closed = services.value.some(({ localOnly }) => localOnly === null) ? await localOnlyServices(target.value, context) : null;
  return ok(
    services.value.flatMap(({ name, ports, category, state, url, port: main, localOnly }) =>
      Object.values(ports).map((port) => ({
        service: name,
        port,
        category,
        state,
        url: port === main ? url : null,
        localOnly: localOnly ?? closed?.has(name) ?? false,
      })),
    ),
  );
}

/** The services that must listen on loopback only; none without a readable config. */
async function localOnlyServices(target: Target, context: AppContext): Promise<ReadonlySet<string>> {
  const stack = await loadTarget(target, context);
  return stack.ok ? closedIn(stack.value) : new Set();
}

export async function rowsOf(
  wanted: readonly number[],
  declared: readonly Declaration[],
  target: Result<Target, Failure>,
  context: AppContext,
): Promise<readonly PortRow[]> {
  const identified = await identifyPorts(context.machine, wanted);
  const states = new Map((await nameContainers([...identified.values()])).map((state) => [state.port, state]));
  const judging = target.ok ? await judgeOf(target.value, context) : null;
  const facts = await portFacts(context.machine);
  const rows: PortRow[] = [];
  for (const port of wanted) {
    const state: PortState = states.get(port) ?? { port, kind: 'free' };
    const declaration = declared.find((one) => one.port === port) ?? null;
    const verdict = declaration && judging ? await judgePort(state, declaration.service, judging) : null;
    const troubles = declaration ? portTroubles(port, facts) : [];
    rows.push({ port, declaration, state, verdict, warnings: [...troubles, ...reachableWarnings(declaration, state)] });
  }
  return rows;
}

function reachableWarnings(declaration: Declaration | null, state: PortState): readonly PortTrouble[] {
  const trouble = declaration?.localOnly && state.kind !== 'free' ? reachableTrouble(state.addresses) : null;
  return trouble ? [trouble] : [];
}

/** All ports that have a listener on this machine, in order. */
export async function listeningPorts({ machine }: AppContext): Promise<readonly number[]> {
  return [...new Set((await machine.listenSockets()).map(({ port }) => port))].toSorted((a, b) => a - b);
}

async function judgeOf(target: Target, context: AppContext): ReturnType<typeof judgeFromOutside> {
  const record = await readRecord(context.machine, target.folder);
  const session = await connectAnyTarget(target, context);
  if (!session.ok) return judgeFromOutside(target, record, context, { isExternal: () => false, ownSessionAlive: false });
  const snapshot = await session.value.snapshot();
  session.value.close();
  const adopted = snapshot.ok ? snapshot.value.services.filter(({ state }) => state === 'external').map(({ name }) => name) : [];
  const facts = await judgeFromOutside(target, record, context, {
    isExternal: (service) => adopted.includes(service),
    ownSessionAlive: true,
  });
  return snapshot.ok ? { ...facts, memberOf: memberAccordingTo(snapshot.value) } : facts;
}
