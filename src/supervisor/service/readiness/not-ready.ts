/** Explains why a service is not ready: its unmet ports and tests, and the ports on which it listens instead. */
import type { ListenSocket } from '../../../machine/machine.ts';
import type { Failure, Unmet } from '../../../model/failure.ts';
import type { DeclaredPort } from '../../../model/service.ts';
import { identifyPorts } from '../../../ports/identify.ts';
import { nameContainers } from '../../../ports/name-containers.ts';
import type { ContainerSockets } from '../../ports/container-sockets.ts';
import type { Actor } from '../actor.ts';
import { lastWords } from '../context.ts';
import { testContextOf, unmetTest } from './readiness-tests.ts';
import { addListeners, isAsked } from './where-it-listens.ts';

const TEST_TIMEOUT_MS = 2000;

/** The failure E104, with the unmet ports and tests. */
export async function notReadyFailure(actor: Actor): Promise<Failure> {
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
    ...lastWords(processes.output),
  };
}

/** Undeclared ports that the service's processes listen on, as of the last scan. */
export async function otherPorts(actor: Actor): Promise<readonly number[]> {
  const { service, context, processes } = actor;
  const declared = new Set(service.ports.map(({ port }) => port));
  return (await context.ports.allOf(processes.membership)).filter((port) => !declared.has(port));
}

/** Warns if the service listens on these ports while a required one has no listener. True when it warned. */
export async function warnOfOtherPorts(actor: Actor, ports: readonly number[]): Promise<boolean> {
  const { service, context, processes } = actor;
  if (ports.length === 0) return false;
  const ownership = await context.ports.ownership(requiredPorts(actor), processes.sockets);
  const missing = ownership.find(({ kind }) => kind === 'none');
  if (!missing) return false;
  context.events.append({ type: 'port', service: service.name, port: missing.port, action: 'listens-elsewhere', holders: [], ports });
  return true;
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
    const missing: Unmet | null = test.kind === 'exit' ? { kind: 'exit' } : await unmetTest(test, context, TEST_TIMEOUT_MS);
    if (missing) unmet.push(await withListeners(missing, actor));
  }
  return unmet;
}

/** Adds where the service listens to a test that got no answer from there. */
export async function withListeners(unmet: Unmet, actor: Actor): Promise<Unmet> {
  return isAsked(unmet) ? addListeners(unmet, await listenersOf(actor)) : unmet;
}

/** The addresses of the service's own listeners; of any process on its ports, if `listener` allows that. */
async function listenersOf({ service, context, processes }: Actor): Promise<readonly ListenSocket[]> {
  if (!processes.container && service.listener.kind !== 'any') return context.ports.socketsOf(processes.membership);
  const sockets = await context.ports.sockets(service.ports.map(({ port }) => port));
  return sockets.filter((socket) => service.listener.kind === 'any' || processes.sockets.owns(socket));
}

function requiredPorts({ service }: Actor): readonly DeclaredPort[] {
  return service.ports.filter((port) => port.required);
}
