/** Hands a service over to a user's terminal (`devup debug`), and takes it back. */
import type { Failure } from '../../model/failure.ts';
import { type ProcessId, sameProcess } from '../../model/port.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { hasProcess } from '../../model/service-state.ts';
import { EMPTY_REPLY, type Order, type Reply, startOrder } from '../../model/session.ts';
import { unknownName } from '../../model/unknown-service.ts';
import { isAlive } from '../../processes/debug-record.ts';
import type { Actor } from '../service/actor.ts';
import { endDebugged } from '../service/process/debugged.ts';
import type { Core } from './core.ts';
import { debuggerKey, debuggerOf } from './debuggers.ts';
import { startServices } from './start.ts';
import { choose } from './stop.ts';

type DebugOrder = Extract<Order, { type: 'debug' }>;

/** Stops the service, and leaves it to the debugger. Failures: E002, E110, and E118 if another debugger has the service. */
export async function handOver(core: Core, { service: name, by }: DebugOrder): Promise<Result<Reply, Failure>> {
  const chosen = choose(core, { services: [name], withDependents: false });
  if (!chosen.ok) return chosen;
  const { actors, dependents } = chosen.value;
  const [actor] = actors;
  if (!actor) return unknown(core, name);
  const { machine } = core.context;
  const other = debuggerOf(actor);
  if (other && !sameProcess(other, by)) {
    if (await isAlive(machine, other))
      return fail({ code: 'E118', kind: 'being-debugged', services: [{ ...other, service: name }], waiting: [], kept: [] });
    await endDebugged(actor, other);
  }
  const stopped = hasProcess(actor.state) ? [name] : [];
  actor.send({ name: 'debug', by: { ...by, sinceMs: machine.clock.wallTime() } });
  const isLeft = () => {
    const own = actor.state.name === 'debugging' ? actor.state.by : null;
    return own !== null && sameProcess(own, by);
  };
  await actor.until(() => isLeft() || actor.broken || actor.state.name === 'failed' || actor.state.name === 'stopped');
  const { problem } = actor;
  return problem && !isLeft() ? fail(problem) : ok({ ...EMPTY_REPLY, stopped, dependents });
}

/**
 * Called when the debugger is over. The service returns to its former state, or to the state that an order has asked for since. If it
 * starts, this waits for the start.
 */
export async function takeBack(core: Core, { service: name, by }: DebugOrder): Promise<Result<Reply, Failure>> {
  core.debuggersOver.add(debuggerKey(by));
  const actor = core.actors.get(name);
  if (actor?.state.name !== 'debugging' || !sameProcess(actor.state.by, by)) return ok(EMPTY_REPLY);
  const starts = actor.state.next.to === 'waiting';
  // The service starts with the present config. If the config is broken, the start below reports that.
  if (starts) await core.reload();
  if (!isDebuggedBy(actor, by)) return ok(EMPTY_REPLY);
  actor.send({ name: 'debugOver' });
  return starts && core.file.services.some((service) => service.name === name)
    ? startServices(core, startOrder({ services: [name] }))
    : ok(EMPTY_REPLY);
}

function isDebuggedBy({ state }: Actor, by: ProcessId): boolean {
  return state.name === 'debugging' && sameProcess(state.by, by);
}

function unknown(core: Core, name: string): Result<never, Failure> {
  const failure = unknownName([name], [...core.actors.keys()]);
  if (!failure) throw new Error(`no actor for ${name}`);
  return fail(failure);
}
