/** Explains why a service is not ready: its unmet ports and tests, and the ports on which it listens instead. */

import type { ListenSocket } from '../../../machine/machine.ts';
import { isThisMachine, targetOf } from '../../../model/address.ts';
import type { Failure } from '../../../model/failure.ts';
import type { DeclaredPort, ReadinessTest } from '../../../model/service.ts';
import type { Replaced, Unmet } from '../../../model/unmet.ts';
import { identifyPorts } from '../../../ports/identify.ts';
import { nameContainers } from '../../../ports/name-containers.ts';
import type { ContainerSockets } from '../../ports/container-sockets.ts';
import type { Actor } from '../actor.ts';
import { outputFacts } from '../context.ts';
import { testContextOf, unmetTest } from './readiness-tests.ts';
import { addListeners, isAsked } from './where-it-listens.ts';

const TEST_TIMEOUT_MS = 2000;

/** The failure E104, with the unmet ports and tests. */
export async function notReadyFailure(actor: Actor, replaced: Replaced | null): Promise<Failure> {
  const { service, context, processes, main } = actor;
  await context.tracker.scan();
  const listensOn = await otherPorts(actor);
  const unmetPorts = await portsUnmet(actor);
  return {
    code: 'E104',
    kind: 'not-ready',
    service: service.name,
    timeoutMs: service.ready.timeoutMs ?? 0,
    pid: main?.pid ?? null,
    unmet: unmetPorts.length > 0 ? unmetPorts : await testsUnmet(actor),
    listensOn,
    ...(replaced ? { replaced } : {}),
    ...outputFacts(processes.output),
  };
}

/** Undeclared ports that the service's processes listen on, as of the last scan. */
export async function otherPorts(actor: Actor): Promise<readonly number[]> {
  const { service, context, processes } = actor;
  const declared = new Set(service.ports.map(({ port }) => port));
  return (await context.ports.allOf(processes.membership)).filter((port) => !declared.has(port));
}

/**
 * The port without any listener on which the service should listen, or which a test asks on this machine, and those on which it listens
 * instead; null if it listens nowhere else. As of the last scan.
 */
export async function portsInstead(actor: Actor): Promise<{ readonly port: number; readonly ports: readonly number[] } | null> {
  const { service, context, processes } = actor;
  const all = await context.ports.allOf(processes.membership);
  if (all.length === 0) return null;
  const required = requiredPorts(actor).map(({ port }) => port);
  const asked = [...required, ...service.ready.tests.flatMap(portAsked)];
  const open = new Set((await context.ports.sockets(asked)).map(({ port }) => port));
  const port = asked.find((one) => !open.has(one));
  if (port === undefined) return null;
  const declared = service.ports.map((one) => one.port);
  const known = required.includes(port) ? [...asked, ...declared] : asked.filter((one) => !required.includes(one));
  const ports = all.filter((one) => !known.includes(one));
  return ports.length === 0 ? null : { port, ports };
}

function portAsked(test: ReadinessTest): readonly number[] {
  const target = test.kind === 'http' ? targetOf(test.url) : test.kind === 'tcp' ? test : null;
  return target && isThisMachine(target.host) ? [target.port] : [];
}

async function portsUnmet(actor: Actor): Promise<readonly Unmet[]> {
  const { context, processes } = actor;
  const required = requiredPorts(actor);
  if (processes.container) return containerUnmet(actor, processes.container, required);
  const unmet: Unmet[] = [];
  for (const { port, kind } of await context.ports.ownership(required, processes.sockets)) {
    if (kind === 'ours') continue;
    const [state] = await nameContainers([...(await identifyPorts(context.machine, [port])).values()]);
    const holders = state?.kind === 'held' ? state.holders.filter((holder) => !processes.has(holder)) : [];
    unmet.push({ kind: 'port', port, holders });
  }
  return unmet;
}

async function containerUnmet(
  { context }: Actor,
  container: ContainerSockets,
  required: readonly DeclaredPort[],
): Promise<readonly Unmet[]> {
  const problems = await container.problems(
    context.machine,
    required.map(({ port }) => port),
  );
  return [...problems].flatMap(([port, problem]) => (problem ? [{ kind: 'container', container: container.name, port, problem }] : []));
}

async function testsUnmet(actor: Actor): Promise<readonly Unmet[]> {
  const context = testContextOf(actor);
  const unmet: Unmet[] = [];
  for (const test of actor.service.ready.tests) {
    const missing = await unmetTest(test, context, TEST_TIMEOUT_MS);
    if (missing) unmet.push(await withListeners(missing, actor));
  }
  return unmet;
}

/** Adds to a test without an answer the addresses on which the service listens. */
export async function withListeners(unmet: Unmet, actor: Actor): Promise<Unmet> {
  return isAsked(unmet) ? addListeners(unmet, await listenersOf(actor)) : unmet;
}

/** The addresses of the service's own listeners or, if `listener` allows that, of all listeners on its ports. */
async function listenersOf({ service, context, processes }: Actor): Promise<readonly ListenSocket[]> {
  if (!processes.container && service.listener.kind !== 'any') return context.ports.socketsOf(processes.membership);
  const sockets = await context.ports.sockets(service.ports.map(({ port }) => port));
  return sockets.filter((socket) => service.listener.kind === 'any' || processes.sockets.owns(socket));
}

function requiredPorts({ service }: Actor): readonly DeclaredPort[] {
  return service.ports.filter((port) => port.required);
}
