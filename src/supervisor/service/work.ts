/** The work of a service's states. Each function resolves with the input that reports its outcome, or with null if there is none. */
import { namesOf } from '../../model/container.ts';
import type { Failure } from '../../model/failure.ts';
import type { Input, Work } from '../../model/lifecycle-states.ts';
import { EnginePatience } from '../../processes/engine-patience.ts';
import type { Actor } from './actor.ts';
import { failureOfExit } from './context.ts';
import { failpoint } from './failpoint.ts';
import { findSuccessor, leftBehind } from './process/daemon.ts';
import { watchDebugger } from './process/debugged.ts';
import { reserveLog } from './process/descriptors.ts';
import { endService } from './process/end-service.ts';
import { spawnService } from './process/spawn.ts';
import { awaitReady } from './readiness/await-ready.ts';
import { watch, watchExternal } from './readiness/watch.ts';

/** The pipes of a service are read this long after its exit. */
const DRAIN_MS = 200;

export async function perform(work: Work, actor: Actor, signal: AbortSignal): Promise<Input | null> {
  switch (work.kind) {
    case 'awaitDeps':
      await actor.context.awaitDependencies(actor.service, signal);
      return { name: 'depsReady' };
    case 'claim': {
      const outcome = await actor.context.claim(actor.service, signal);
      if (outcome.kind === 'claimed') return { name: 'claimed' };
      return outcome.kind === 'adopted' ? { name: 'adopted', holder: outcome.holder } : { name: 'claimRefused', why: outcome.failure };
    }
    case 'spawn':
      return spawn(actor);
    case 'awaitReady':
      return awaitReady(actor, signal);
    case 'watch':
      await failpoint('after-ready', actor.service.name);
      if (await failpoint('actor-impossible', actor.service.name)) return { name: 'membersGone' };
      return watch(actor, signal);
    case 'watchExternal':
      return watchExternal(actor, signal);
    case 'watchDebugger':
      return watchDebugger(actor, signal);
    case 'end': {
      await failpoint('while-ending', actor.service.name);
      const input = await endService(actor, work.how, signal);
      await failpoint('after-ending', actor.service.name);
      return input;
    }
    case 'delay': {
      // Services that failed at the same moment must not all start again at the same moment.
      const jitter = work.ms > 0 ? 0.9 + Math.random() * 0.2 : 1;
      await actor.context.machine.clock.sleep(work.ms * jitter, signal);
      return { name: 'delayOver' };
    }
    default:
      return work satisfies never;
  }
}

async function spawn(actor: Actor): Promise<Input> {
  const { service, context, processes } = actor;
  if (service.command === null) throw new Error(`${service.name} has no command to spawn`);
  const began = context.machine.clock.now();
  const releaseLog = reserveLog();
  const result = await spawnService(service, service.command, { ...context, marker: processes.marker });
  context.trace?.span(service.name, 'spawn', began, context.machine.clock.now());
  if (!result.ok) {
    releaseLog();
    return { name: 'spawnFailed', why: result.failure };
  }
  await failpoint('after-spawn', service.name);
  const child = result.value;
  processes.begin(child, service);
  void processes.output.flush().finally(releaseLog);
  await failpoint('before-recorded', service.name);
  return { name: 'spawned', main: { ...child.id, kind: 'child' } };
}

/** Waits for the child's exit, then reports it with its successor and its last lines. To be called when the state knows the child. */
export async function reportExit(actor: Actor): Promise<void> {
  const { context, processes, service } = actor;
  const { child } = processes;
  if (!child) return;
  const exit = await child.exited;
  const isCurrentRun = () => processes.child === child && actor.main !== null && actor.state.name !== 'stopping';
  if (!isCurrentRun()) return;
  await context.tracker.scan();
  const successor = exit.exitCode === 0 && isCurrentRun() ? await findSuccessor(actor, isCurrentRun) : null;
  if (!successor) await processes.output.drained(context.machine.clock, DRAIN_MS);
  if (!isCurrentRun()) return;
  const portTaken = actor.state.name === 'starting' && exit.exitCode !== 0 && (await isPortTaken(actor));
  if (!isCurrentRun()) return;
  const failed = failureOfExit(service, exit, actor.state.name === 'starting', processes.output);
  const isAlone = exit.exitCode === 0 && !successor;
  const containers = isAlone ? ((await processes.clientContainers?.running({ patience: new EnginePatience() })) ?? []).map(namesOf) : [];
  const left = isAlone && containers.length === 0 ? await leftBehind(actor) : [];
  if (!isCurrentRun()) return;
  const why: Failure = { ...failed, ...(containers.length > 0 && { containers }), ...(left.length > 0 && { left }) };
  actor.send({ name: 'exited', ok: exit.exitCode === 0, successor, portTaken, why });
}

/** True if another process listens on one of the service's ports, which may be why the service failed. */
async function isPortTaken({ context, processes, service }: Actor): Promise<boolean> {
  if (service.ports.length === 0 || service.listener.kind === 'any') return false;
  return (await context.ports.ownership(service.ports, processes.sockets)).some((port) => port.kind === 'foreign');
}
