/** From spawn to ready: owning the ports and passing every test, or the reason why not when the time is over. */
import type { ListenSocket, Machine } from '../../machine/machine.ts';
import type { Failure, Unmet } from '../../model/failure.ts';
import type { Input } from '../../model/lifecycle-states.ts';
import { type DeclaredPort, isTask } from '../../model/service.ts';
import { identifyPorts } from '../../ports/identify.ts';
import type { ContainerSockets } from '../ports/container-sockets.ts';
import type { Actor } from './actor.ts';
import { LAST_LINES } from './context.ts';
import { unmetTest } from './readiness-tests.ts';
import { commandEnvironment } from './spawn.ts';

/** Between two tries; a connect that is refused costs some hundredths of a millisecond. */
const LOOK_MS = { first: 1, most: 25, later: 100 };
/** The table of listeners costs more, but also shows a service that listens on no loopback address. */
const TABLE_MS = 100;
/** After this long the looks become rarer. */
const LATER_MS = 5000;
/** Noticed this late, the end of the time may be due to a gap that the watch has yet to tell. */
const LATE_MS = 1000;
/** A listener on another port is worth a warning after this long. */
const ELSEWHERE_MS = 2000;

export async function awaitReady(actor: Actor, signal: AbortSignal): Promise<Input | null> {
  const { service, context, processes } = actor;
  const { clock } = context.machine;
  if (isTask(service) && service.ready.timeoutMs === null) return null;
  const began = actor.spawned?.clockMs ?? clock.now();
  const deadline = service.ready.timeoutMs === null ? Number.POSITIVE_INFINITY : began + service.ready.timeoutMs;
  const required = service.ports.filter((port) => port.required);
  let warned = false;
  let doubted = false;
  let tableAt = began;
  /** As far as we know, one of the ports has no listener yet. */
  let nobody = required.length > 0 && !isTask(service);
  /** The sockets of its ports, when they have just come. */
  let seen: readonly ListenSocket[] | null = null;
  for (let pause = LOOK_MS.first; ; ) {
    if (!isTask(service) && (await ownsAll(seen)) && (await passesAll())) return { name: 'becameReady' };
    const now = clock.now();
    if (now - deadline > LATE_MS && !doubted) {
      doubted = true;
      await context.nextWatch(signal);
      continue;
    }
    if (now >= deadline) return { name: 'readyTimeout', why: await whyNot(actor) };
    if (!warned && now - began > ELSEWHERE_MS) {
      warned = true;
      await warnElsewhere(actor);
    }
    const lost = await daemonGone(actor);
    if (lost) return lost;
    seen = null;
    if (nobody && context.ports.listenerWait.available) {
      const ports = required.map(({ port }) => port);
      seen = await context.ports.listenerWait.wait(ports, Math.min(TABLE_MS, deadline - now), signal, tableAt);
      tableAt = clock.now();
      continue;
    }
    await clock.sleep(Math.min(pause, deadline - now), signal);
    pause = now - began > LATER_MS ? LOOK_MS.later : Math.min(pause * 2, LOOK_MS.most);
  }

  async function ownsAll(sockets: readonly ListenSocket[] | null): Promise<boolean> {
    if (required.length === 0) return true;
    const known = !sockets && nobody && clock.now() - tableAt < TABLE_MS;
    if (known && (context.ports.listenerWait.available || !(await allAnswer()))) return false;
    tableAt = clock.now();
    const first = await context.ports.ownership(required, processes.sockets, sockets);
    nobody = first.some((port) => port.kind === 'nobody');
    if (first.every((port) => port.kind === 'ours') || service.listener.kind === 'any')
      return first.every((port) => port.kind !== 'nobody');
    if (!first.some((port) => port.kind === 'foreign')) return false;
    // Somebody listens whom we do not know yet: perhaps a child forked since the last look.
    await context.tracker.scan();
    return (await context.ports.ownership(required, processes.sockets)).every((port) => port.kind === 'ours');
  }

  async function allAnswer(): Promise<boolean> {
    for (const { port } of required) if (!(await context.machine.acceptsConnections(port))) return false;
    return true;
  }

  async function passesAll(): Promise<boolean> {
    const env = commandEnvironment(service, context);
    for (const test of service.ready.tests) {
      const logged = (source: string, flags: string) => processes.output.logged(source, flags);
      const left = Math.max(1, Math.min(deadline - clock.now(), 30_000));
      if (await unmetTest(test, { machine: context.machine, service, env, logged, signal }, left)) {
        await clock.sleep(
          test.kind === 'log' ? LOOK_MS.most : Math.min(service.ready.intervalMs, Math.max(1, deadline - clock.now())),
          signal,
        );
        return false;
      }
    }
    return true;
  }
}

/** A daemon's death has no exit event: it is looked for. */
export async function daemonGone(actor: Actor): Promise<Input | null> {
  const { main, context, processes, service } = actor;
  if (main?.kind !== 'daemon') return null;
  if ((await context.machine.process(main.pid))?.start === main.start) return null;
  await context.tracker.scan();
  const [successor] = processes.membership.members;
  const lastLines = processes.output.lastLines(LAST_LINES);
  const why: Failure = {
    code: 'E101',
    kind: 'service-exited',
    service: service.name,
    exitCode: null,
    signal: null,
    beforeReady: actor.state.name === 'starting',
    lastLines,
  };
  return { name: 'exited', ok: false, successor: successor ? { pid: successor.pid, start: successor.start } : null, portTaken: false, why };
}

async function warnElsewhere(actor: Actor): Promise<void> {
  const { service, context } = actor;
  const elsewhere = await listensElsewhere(actor);
  if (elsewhere.length === 0) return;
  const ownership = await context.ports.ownership(
    service.ports.filter((port) => port.required),
    actor.processes.sockets,
  );
  const missing = ownership.find((port) => port.kind === 'nobody');
  if (missing)
    context.events.append({
      type: 'port',
      service: service.name,
      port: missing.port,
      action: 'listens-elsewhere',
      holders: [],
      ports: elsewhere,
    });
}

/** Undeclared ports that the service's processes listen on. */
export async function listensElsewhere(actor: Actor): Promise<readonly number[]> {
  const { service, context, processes } = actor;
  await context.tracker.scan();
  const declared = new Set(service.ports.map(({ port }) => port));
  return (await context.ports.allOf(processes.membership)).filter((port) => !declared.has(port));
}

async function containerUnmet(container: ContainerSockets, required: readonly DeclaredPort[], machine: Machine): Promise<readonly Unmet[]> {
  const problems = await container.problems(
    machine,
    required.map(({ port }) => port),
  );
  return [...problems].flatMap(([port, problem]) => (problem ? [{ kind: 'container', container: container.name, port, problem }] : []));
}

async function whyNot(actor: Actor): Promise<Failure> {
  const { service, context, processes, main } = actor;
  const listensOn = await listensElsewhere(actor);
  const unmet: Unmet[] = [];
  const required = service.ports.filter((port) => port.required);
  if (processes.container) unmet.push(...(await containerUnmet(processes.container, required, context.machine)));
  else
    for (const { port, kind } of await context.ports.ownership(required, processes.sockets)) {
      if (kind === 'ours') continue;
      const state = (await identifyPorts(context.machine, [port])).get(port);
      const holders = state?.kind === 'held' ? state.holders.filter((holder) => !processes.has(holder)) : [];
      unmet.push({ kind: 'port', port, holders });
    }
  if (unmet.length === 0) {
    const env = commandEnvironment(service, context);
    const logged = (source: string, flags: string) => processes.output.logged(source, flags);
    for (const test of service.ready.tests) {
      const missing =
        test.kind === 'exit'
          ? ({ kind: 'exit' } as const)
          : await unmetTest(test, { machine: context.machine, service, env, logged }, 2000);
      if (missing) unmet.push(missing);
    }
  }
  const lastLines = processes.output.lastLines(LAST_LINES);
  return {
    code: 'E104',
    kind: 'not-ready',
    service: service.name,
    timeoutMs: service.ready.timeoutMs ?? 0,
    pid: main?.pid ?? null,
    unmet,
    listensOn,
    lastLines,
  };
}
