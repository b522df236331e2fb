/** The session's part in the debugging of a service: waits for the end of `devup debug`, and ends the remaining processes. */
import type { Debugger } from '../../../model/debugger.ts';
import type { Input } from '../../../model/lifecycle-states.ts';
import { isAlive, readDebugRecords } from '../../../processes/debug-record.ts';
import { endLeftovers } from '../../../processes/end-leftovers.ts';
import { DEBUGGED_ONLY } from '../../../processes/leftovers.ts';
import type { Actor } from '../actor.ts';

/** Waits until the `devup debug` command is gone, and ends the processes that it has left behind, into which no one can type any more. */
export async function watchDebugger(actor: Actor, signal: AbortSignal): Promise<Input | null> {
  const { state, context } = actor;
  if (state.name !== 'debugging') return null;
  while (await isAlive(context.machine, state.by)) await context.nextTick(signal);
  await endDebugged(actor, state.by);
  return { name: 'debugOver' };
}

/** A notice names processes that could not be ended. */
export async function endDebugged({ service, context }: Actor, by: Debugger): Promise<void> {
  const { machine, folder, events, stack } = context;
  const { dead } = await readDebugRecords(machine, folder);
  const record = dead.find((one) => one.service === service.name && one.pid === by.pid);
  const gone = record ?? {
    ...by,
    format: 1 as const,
    stackId: stack.id,
    bootId: await machine.bootId(),
    service: service.name,
    command: null,
    ports: [],
  };
  const debug = { folder, dead: [gone] };
  const { found, failure } = await endLeftovers(machine, { stackId: stack.id, record: null, debug, ...DEBUGGED_ONLY });
  const processes = found.map(({ service: _service, ...holder }) => holder);
  if (found.length > 0) events.append({ type: 'notice', service: service.name, notice: { kind: 'leftover-reclaimed', processes } });
  if (failure) events.append({ type: 'notice', service: service.name, notice: { kind: 'failure', failure } });
}
