/**
 * Runs a command in the place of a service, on this terminal. Other commands see its record, or the marker of its processes, and leave
 * it alone.
 *
 *   record ──▶ the session stops the service, if one runs it ──▶ the command ──▶ no record ──▶ the session takes the service back
 */
import { DEBUG_VARIABLE, formatDebugMarker } from '../../model/debugger.ts';
import { codeOf, isErrno } from '../../model/errno.ts';
import type { Failure } from '../../model/failure.ts';
import { GRACE_MS } from '../../model/graces.ts';
import { type ProcessId, sameProcess } from '../../model/port.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import {
  createDebugRecord,
  type DebugRecord,
  dropDebugRecord,
  readDebugRecords,
  removeDebugRecord,
  writeDebugRecord,
} from '../../processes/debug-record.ts';
import { end } from '../../processes/end.ts';
import { endLeftovers } from '../../processes/end-leftovers.ts';
import { DEBUGGED_ONLY } from '../../processes/leftovers.ts';
import { Tree } from '../../processes/tree.ts';
import type { AppContext } from '../context.ts';
import { prepareFolders } from '../session/folders.ts';
import { connectTarget, type Target } from '../target.ts';
import type { CommandExit, TerminalCommand } from './terminal-command.ts';

export interface DebugRun {
  readonly target: Target;
  readonly service: string;
  readonly ports: readonly number[];
  /** Whether the command survives its terminal. */
  readonly survivesHangUp: boolean;
  /** Called before the session stops the service. */
  readonly beforeStop: () => void;
  /** Called when the session has handed the service over. `stopped`: whether the service ran. `dependents` keep running. */
  readonly onHandedOver: (handed: { readonly stopped: boolean; readonly dependents: readonly string[] }) => Promise<void>;
  /** Called if the record cannot be written, so that other commands do not know of this one. */
  readonly onUnrecorded: (failure: Failure) => Promise<void>;
  /** Runs the command with these variables. Must call `spawned` as soon as the command runs. */
  readonly run: (variables: Readonly<Record<string, string>>, spawned: (command: TerminalCommand) => void) => Promise<DebugExit>;
}

/** The exit of the command, or the exit code without one. */
export type DebugExit = CommandExit | number;

export type DebugOutcome =
  /** Another debugger has the service, or the session does not give it; nothing was run. */
  { readonly kind: 'refused'; readonly failure: Failure } | { readonly kind: 'over'; readonly exit: DebugExit; readonly back: GivenBack };

export type GivenBack =
  | { readonly kind: 'no-session' }
  /** The service runs in the session again. */
  | { readonly kind: 'runs' }
  /** The service stays as it was: it did not run, or was stopped meanwhile. */
  | { readonly kind: 'stays' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export async function debugService(run: DebugRun, context: AppContext): Promise<DebugOutcome> {
  const { target, service } = run;
  const { machine } = context;
  const own = await machine.process(machine.pid);
  const by: ProcessId = { pid: machine.pid, start: own?.start ?? 0 };
  const record = await announce(run, by, context);
  if (!record.ok) return { kind: 'refused', failure: record.failure };
  const handed = await takeFromSession(run, by, context);
  if (!handed.ok) {
    await removeDebugRecord(machine, target.folder, record.value);
    return { kind: 'refused', failure: handed.failure };
  }
  const over = new AbortController();
  let noted: Promise<Thrown | null> = Promise.resolve(null);
  const exit = await run.run({ [DEBUG_VARIABLE]: formatDebugMarker({ stackId: target.id, service, by }) }, (command) => {
    if (!run.survivesHangUp) endWithTerminal(command, over.signal, context);
    // An error waits for the end of the command: unhandled, it would end devup while the command runs.
    noted = noteCommand(record.value, command, target, context).then(
      () => null,
      (error: unknown) => ({ error }),
    );
  });
  over.abort();
  const thrown = await noted;
  await removeDebugRecord(machine, target.folder, record.value);
  const back = await giveBack(target, service, by, context);
  if (thrown) throw thrown.error;
  return { kind: 'over', exit, back };
}

interface Thrown {
  readonly error: unknown;
}

/** Ends the leftovers of an earlier debugger, then writes the record. Fails with E118 if another debugger has the service. */
async function announce(run: DebugRun, { pid, start }: ProcessId, context: AppContext): Promise<Result<DebugRecord, Failure>> {
  const { target, service } = run;
  const { machine } = context;
  const { live, dead } = await readDebugRecords(machine, target.folder);
  const other = live.find((one) => one.service === service);
  if (other) return fail(beingDebugged(other));
  const debug = { folder: target.folder, dead: dead.filter((one) => one.service === service) };
  if (debug.dead.length > 0) await endLeftovers(machine, { stackId: target.id, record: null, debug, ...DEBUGGED_ONLY });
  const sinceMs = machine.clock.wallTime();
  const record: DebugRecord = {
    format: 1,
    stackId: target.id,
    bootId: await machine.bootId(),
    service,
    pid,
    start,
    sinceMs,
    command: null,
    ports: run.ports,
  };
  const prepared = prepareFolders(target);
  let problem = prepared.ok ? create(target, record) : prepared.failure;
  while (problem === 'exists') {
    // Another debugger was faster, or the file is not the record of a living one.
    const faster = (await readDebugRecords(machine, target.folder)).live.find((one) => one.service === service);
    if (faster) return fail(beingDebugged(faster));
    await dropDebugRecord(machine, target.folder, service);
    problem = create(target, record);
  }
  if (problem) await run.onUnrecorded(problem);
  return ok(record);
}

function beingDebugged({ service, pid, start, sinceMs }: DebugRecord): Failure {
  return { code: 'E118', kind: 'being-debugged', services: [{ service, pid, start, sinceMs }], waiting: [], kept: [] };
}

function create({ folder }: Target, record: DebugRecord): Failure | 'exists' | null {
  try {
    createDebugRecord(folder, record);
    return null;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return 'exists';
    if (!isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'ENOENT', 'ENOTDIR')) throw error;
    return { code: 'E406', kind: 'folder-not-writable', folder, errno: error.code ?? 'unknown' };
  }
}

/**
 * Adds the command's process to the record, so that it is found after this process was killed, even if it has overwritten its environment.
 */
async function noteCommand(record: DebugRecord, { pid }: TerminalCommand, { folder }: Target, { machine }: AppContext): Promise<void> {
  const row = pid === null ? null : await machine.process(pid);
  const { live } = await readDebugRecords(machine, folder);
  if (!row || !live.some((one) => sameProcess(one, record))) return;
  await writeDebugRecord(machine, folder, { ...record, command: { pid: row.pid, start: row.start } }).catch((error: unknown) => {
    // The record without the command's process remains.
    if (codeOf(error) === null) throw error;
  });
}

async function takeFromSession(run: DebugRun, by: ProcessId, context: AppContext): Promise<Result<void, Failure>> {
  const session = await connectTarget(run.target, context);
  if (!session.ok) return session.failure.code === 'E401' ? ok(undefined) : session;
  run.beforeStop();
  const handed = await session.value.send({ type: 'debug', service: run.service, by, over: false });
  session.value.close();
  if (!handed.ok) return handed;
  await run.onHandedOver({ stopped: handed.value.stopped.length > 0, dependents: handed.value.dependents });
  return ok(undefined);
}

/** The session may have begun, or ended, while the command ran. */
async function giveBack(target: Target, service: string, by: ProcessId, context: AppContext): Promise<GivenBack> {
  const session = await connectTarget(target, context);
  if (!session.ok) return session.failure.code === 'E401' ? { kind: 'no-session' } : { kind: 'failed', failure: session.failure };
  const reply = await session.value.send({ type: 'debug', service, by, over: true });
  session.value.close();
  if (!reply.ok) return { kind: 'failed', failure: reply.failure };
  return { kind: [...reply.value.already, ...reply.value.started].includes(service) ? 'runs' : 'stays' };
}

/**
 * Ends the command with its terminal, since no one can type into it any more. It may survive SIGHUP by itself, as servers do that then read
 * their config again.
 */
function endWithTerminal({ pid }: TerminalCommand, over: AbortSignal, { machine }: AppContext): void {
  const onHangUp = async () => {
    const row = pid === null ? null : await machine.process(pid);
    await machine.clock.sleep(GRACE_MS.command, over);
    if (row) await end(machine, new Tree(machine, [row]), { signal: 'SIGTERM', graceMs: GRACE_MS.command });
  };
  const handler = () =>
    void onHangUp().catch((error: unknown) => {
      if (!over.aborted) throw error;
    });
  process.once('SIGHUP', handler);
  over.addEventListener('abort', () => process.off('SIGHUP', handler), { once: true });
}
