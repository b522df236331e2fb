/**
 * Ends one run of a service: its stop signal or command first, then the remaining members, until none is alive and the
 * ports are released. A process that inherited a listening socket is found by that socket.
 */
import type { Machine } from '../../../machine/machine.ts';
import type { Failure } from '../../../model/failure.ts';
import { GRACE_MS } from '../../../model/graces.ts';
import type { Input } from '../../../model/lifecycle-states.ts';
import type { Holder, PortState, ProcessId } from '../../../model/port.ts';
import { commandText, type Service } from '../../../model/service.ts';
import { holdersOf, identifyPorts } from '../../../ports/identify.ts';
import { busyPorts, waitFree } from '../../../ports/probe.ts';
import { isContainerProxy } from '../../../processes/container-proxy.ts';
import { describe, describeAll, nameOnly } from '../../../processes/describe.ts';
import { type EndReport, end, type Forced } from '../../../processes/end.ts';
import { EnginePatience } from '../../../processes/engine-patience.ts';
import type { ClientContainers, EngineTime } from '../../ports/client-containers.ts';
import type { Actor } from '../actor.ts';
import { mayHaveLeftDaemon, settleDaemon } from './daemon.ts';
import { runCommand } from './run-command.ts';
import { commandEnvironment } from './spawn.ts';

const INHERITED_ROUNDS = 3;
const LATE_ROUNDS = 2;
/** Time for a client to end after its container. */
const CLIENT_MS = 3000;

export async function endService(actor: Actor, how: 'ordered' | 'kill' | 'sweep', signal: AbortSignal): Promise<Input | null> {
  const { service, context, processes, main } = actor;
  if (!main) throw new Error(`${service.name} is being ended without a process`);
  const mayHaveLeft = how !== 'sweep' && mayHaveLeftDaemon(actor);
  const uncertain = [...(await settleDaemon(actor, processes.search))];
  processes.clientContainers?.beginEnd();
  // Sockets opened since the last poll must be known now, because a process that outlives the members may inherit them.
  await context.ports.ownership(service.ports, processes.sockets);
  const patience = new EnginePatience();
  let report = await endMembers(actor, how, signal, patience);
  const forced = [...report.forced];
  if (mayHaveLeft && report.survivors.length === 0) {
    uncertain.push(...(await settleDaemon(actor, processes.searchDaemon())));
    if (processes.membership.members.length > 0) {
      report = await endDaemon(actor, how, signal);
      forced.push(...report.forced);
    }
  }
  if (uncertain.length > 0) notice(actor, 'daemon-left', uncertain);
  for (let round = 0; round < INHERITED_ROUNDS && report.survivors.length === 0; round++) {
    if (!(await addInheritors(actor))) break;
    report = await end(context.machine, processes.targets(main), { signal: null, graceMs: 0 });
    forced.push(...report.forced);
  }
  const over = how === 'kill' ? AbortSignal.abort() : AbortSignal.any([actor.graceOver.signal, signal]);
  await stopLateContainers(actor, { patience, over });
  if (how !== 'kill') reportForced(actor, forced);
  const spared = await describeAll(context.machine, [...processes.membership.spared.values()]);
  if (spared.length > 0) notice(actor, 'left-alive', spared);
  const held = report.survivors.length > 0 ? await heldPorts(actor) : await portsHeldByOwnSockets(actor);
  if (report.survivors.length === 0 && held.length === 0) return engineUnanswered(actor, how, patience);
  const survivors = await describeAll(context.machine, report.survivors);
  const why: Failure = { code: 'E110', kind: 'survivors', service: service.name, survivors, ports: held };
  return { name: 'stopTimedOut', why, survivors: report.survivors };
}

/** Ends a daemon that was adopted only when the rest of its service had ended. */
function endDaemon(actor: Actor, how: 'ordered' | 'kill' | 'sweep', signal: AbortSignal): Promise<EndReport> {
  const { service, context, processes, main } = actor;
  const polite = service.stop.kind === 'signal' ? service.stop.signal : 'SIGTERM';
  return end(context.machine, processes.targets(main as ProcessId & { kind: 'child' }), {
    signal: how === 'kill' ? null : polite,
    graceMs: service.stop.timeoutMs,
    graceOver: AbortSignal.any([actor.graceOver.signal, signal]),
  });
}

async function endMembers(
  actor: Actor,
  how: 'ordered' | 'kill' | 'sweep',
  signal: AbortSignal,
  patience: EnginePatience,
): Promise<EndReport> {
  const { service, context, processes, main } = actor;
  const targets = processes.targets(main as ProcessId & { kind: 'child' });
  const common = { graceOver: AbortSignal.any([actor.graceOver.signal, signal]), wake: wakeAtExit(actor) };
  if (how === 'kill') {
    // An engine that hangs must not keep the members alive.
    const killed = processes.container?.kill() ?? stopContainers(actor, { patience, over: AbortSignal.abort() });
    const [report] = await Promise.all([end(context.machine, targets, { ...common, signal: null, graceMs: 0 }), killed]);
    return report;
  }
  // `reportExit` has scanned after the exit that led here.
  const wasEmpty = how === 'sweep' && targets.members.length === 0;
  if (service.stop.kind === 'signal') {
    // Without a client, the containers are what the members use (`compose up -d && exec node`), and end after them.
    await processes.clientContainers?.look();
    if (processes.clientContainers?.hasLivingClient && (await stopContainers(actor, { patience, over: common.graceOver })))
      await untilClientsEnd(actor, processes.clientContainers, common.graceOver);
    const first = how === 'sweep' ? 'SIGTERM' : service.stop.signal;
    return end(context.machine, targets, { ...common, wasEmpty, signal: first, graceMs: service.stop.timeoutMs });
  }
  // A container does not end with the command that started it.
  if (how === 'ordered' || processes.container) await runStopCommand(actor, service.stop, how, signal);
  if (await containerListens(actor)) await processes.container?.kill();
  await context.tracker.scan();
  return end(context.machine, targets, {
    ...common,
    signal: 'SIGTERM',
    graceMs: how === 'ordered' ? GRACE_MS.afterStopCommand : service.stop.timeoutMs,
  });
}

/** Runs the service's stop command. If the command hangs, it is killed at the timeout, and the members are then ended the usual way. */
async function runStopCommand(
  actor: Actor,
  stop: Extract<Service['stop'], { kind: 'command' }>,
  how: 'ordered' | 'sweep',
  signal: AbortSignal,
): Promise<void> {
  const { service, context } = actor;
  const env = commandEnvironment(service, context);
  const over = AbortSignal.any([signal, actor.graceOver.signal]);
  const began = context.machine.clock.now();
  const result = await runCommand(context.machine, service, { command: stop.command, env, timeoutMs: stop.timeoutMs, signal: over });
  const command = commandText(stop.command);
  // A second Ctrl-C has killed the command, which says nothing about it.
  if (!result.ok && over.aborted) return;
  // After a crash the command may fail because nothing is left to stop.
  if (!result.ok && (how === 'ordered' || (await containerListens(actor)))) {
    const failure: Failure = { code: 'E113', kind: 'stop-command-failed', service: service.name, command, got: result.got };
    context.events.append({ type: 'notice', service: service.name, notice: { kind: 'failure', failure } });
    return;
  }
  // The stop command may return before the service has ended, so the service gets the rest of the timeout.
  while (context.machine.clock.now() - began < stop.timeoutMs && !over.aborted) {
    await context.tracker.scan();
    if (actor.processes.membership.members.length === 0 && !(await containerListens(actor))) return;
    await context.machine.clock.sleep(25, signal);
  }
}

async function containerListens({ service, context, processes }: Actor): Promise<boolean> {
  if (!processes.container) return false;
  const sockets = await context.ports.sockets(service.ports.map(({ port }) => port));
  return sockets.some((socket) => processes.sockets.owns(socket));
}

/** Stops the containers that members of the service started, through their engine. True if there were any. */
async function stopContainers({ service, context, processes }: Actor, { patience, over }: EngineTime): Promise<boolean> {
  const { clientContainers } = processes;
  if (clientContainers === null || patience.isOver) return false;
  // When there is no time left, the containers must still be found to be killed.
  const running = await clientContainers.running({ patience, ...(!over.aborted && { over }) });
  if (running.length === 0) return false;
  const said = await clientContainers.stop(running, { timeoutMs: service.stop.timeoutMs, over, patience });
  if (said === null || patience.isOver) return true;
  const left = await clientContainers.running({ patience });
  for (const { client, name } of left) {
    const command = `${client.engine.join(' ')} stop ${name}`;
    const failure: Failure = { code: 'E113', kind: 'stop-command-failed', service: service.name, ofEngine: true, command, got: said };
    context.events.append({ type: 'notice', service: service.name, notice: { kind: 'failure', failure } });
  }
  return true;
}

/** Stops what a client's last request to its engine started while the client was being ended. */
async function stopLateContainers(actor: Actor, time: EngineTime): Promise<void> {
  // If the config names a container, the stop command has ended it.
  if (actor.processes.container) return;
  for (let round = 0; round < LATE_ROUNDS && (await stopContainers(actor, time)); round++);
}

/** The service has ended, unless an engine that has not answered may still run a container of it. */
function engineUnanswered({ service, context, processes }: Actor, how: 'ordered' | 'kill' | 'sweep', patience: EnginePatience): Input {
  const [client] = processes.clientContainers?.clients ?? [];
  if (!patience.isOver || !client) return { name: 'membersGone' };
  const command = `${client.engine.join(' ')} ps`;
  const got = `${client.engine[0]} has not answered in time`;
  const why: Failure = { code: 'E113', kind: 'stop-command-failed', service: service.name, ofEngine: true, command, got };
  if (how !== 'sweep') return { name: 'stopTimedOut', why, survivors: [] };
  context.events.append({ type: 'notice', service: service.name, notice: { kind: 'failure', failure: why } });
  return { name: 'membersGone' };
}

/** A client ends by itself when its container has ended, and then removes it (`--rm`). */
async function untilClientsEnd({ context }: Actor, clients: ClientContainers, over: AbortSignal): Promise<void> {
  const deadline = context.machine.clock.now() + CLIENT_MS;
  for (;;) {
    await context.tracker.scan();
    if (!clients.hasLivingClient || over.aborted || context.machine.clock.now() >= deadline) return;
    await context.machine.clock.sleep(25);
  }
}

/** Ends the pause at the child's exit, once; later pauses have their full length. */
function wakeAtExit(actor: Actor): () => Promise<void> {
  const never = new Promise<void>(() => undefined);
  let used = false;
  return () => {
    if (used || !actor.processes.child) return never;
    return actor.processes.child.exited.then(() => {
      used = true;
    });
  };
}

/**
 * Adds processes that inherited a socket without being members (own session, empty environment). True if there are any. A process
 * that is older than the run was handed the socket (unix(7), SCM_RIGHTS), as was a member of another service: both are left alone.
 */
async function addInheritors(actor: Actor): Promise<boolean> {
  const { service, context, processes } = actor;
  // The holder is the engine's forwarder, which may serve other containers too, so it is never ended.
  if (processes.container || !processes.child) return false;
  const runStart = processes.child.id.start;
  const sockets = (await context.ports.sockets(service.ports.map(({ port }) => port))).filter((socket) => processes.hasOwned(socket));
  if (sockets.length === 0) return false;
  let found = false;
  for (const pids of (await holdersOf(context.machine, sockets)).values()) {
    for (const pid of pids) {
      const row = pid === context.machine.pid ? null : await context.machine.process(pid);
      if (!row || row.start < runStart || context.tracker.isMember(row) || (await isOfContainer(context.machine, pid))) continue;
      processes.membership.add(row);
      found = true;
    }
  }
  return found;
}

/** Whether an engine is responsible for the process: a forwarder, or a process in a container. */
async function isOfContainer(machine: Machine, pid: number): Promise<boolean> {
  const holder = await describe(machine, pid, []);
  return holder !== null && (holder.container !== null || isContainerProxy(holder));
}

async function heldPorts(actor: Actor): Promise<readonly PortState[]> {
  const { service, context } = actor;
  const busy = await busyPorts(
    context.machine,
    service.ports.map(({ port }) => port),
  );
  return busy.size === 0 ? [] : [...(await identifyPorts(context.machine, busy, { busy })).values()];
}

/** Ports that the service's sockets still hold after all members have ended. The next claim handles a foreign holder. */
async function portsHeldByOwnSockets(actor: Actor): Promise<readonly PortState[]> {
  const { service, context, processes } = actor;
  const ports = service.ports.map(({ port }) => port);
  if (ports.length === 0 || (await waitFree(context.machine, ports)).size === 0) return [];
  const own = (await context.ports.sockets(ports)).filter((socket) => processes.sockets.owns(socket) || processes.hasOwned(socket));
  if (own.length === 0) return [];
  return [
    ...(
      await identifyPorts(
        context.machine,
        own.map((socket) => socket.port),
      )
    ).values(),
  ];
}

function reportForced({ context, service }: Actor, forced: readonly Forced[]): void {
  for (const grace of new Set(forced.map((one) => one.grace))) {
    const processes = forced.filter((one) => one.grace === grace).map((one) => nameOnly(one, one.name));
    context.events.append({ type: 'notice', service: service.name, notice: { kind: 'forced', processes, grace } });
  }
}

function notice(actor: Actor, kind: 'left-alive' | 'daemon-left', processes: readonly Holder[]): void {
  actor.context.events.append({ type: 'notice', service: actor.service.name, notice: { kind, processes } });
}
