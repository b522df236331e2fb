/**
 * Signals a process and its descendants, on systems without process groups. tree-kill starts `ps` or `pgrep` without
 * handling the child's `error` event, so a missing tool or a lack of descriptors would be an uncaught exception. So the
 * tool must exist, and a domain, to which every emitter created inside it belongs, catches all other errors.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { errnoOf } from '../model/errno.ts';
import type { ProcessId } from '../model/port.ts';
import type { Clock, Signal, SignalOutcome } from './machine.ts';
import { compareStart, type ReadProcess, requirePid, signalProcess } from './signal.ts';

const deadlineMs = 5_000;

/** Signals only the process itself if its descendants cannot be listed. */
export async function signalTreeOf(id: ProcessId, signal: Signal, walker: TreeWalker): Promise<SignalOutcome> {
  requirePid(id.pid, 'a pid');
  if (!onPath(walker.lister)) return signalProcess(id, signal, walker.read);
  const walked = await walk(id, signal, walker);
  return walked === 'failed' ? signalProcess(id, signal, walker.read) : walked;
}

export interface TreeWalker {
  readonly read: ReadProcess;
  readonly clock: Clock;
  /** The program that tree-kill lists children with. */
  readonly lister: 'ps' | 'pgrep';
}

async function walk(id: ProcessId, signal: Signal, { read, clock }: TreeWalker): Promise<SignalOutcome | 'failed'> {
  const { default: treeKill } = await import('tree-kill');
  const domain = process.getBuiltinModule('node:domain');
  const found = compareStart(id, read);
  if (found !== 'same') return found;
  const settled = new AbortController();
  const killed = new Promise<SignalOutcome | 'failed'>((resolve) => {
    const guarded = domain.create();
    guarded.on('error', () => resolve('failed'));
    guarded.run(() => treeKill(id.pid, signal, (error) => resolve(error === undefined ? 'sent' : outcomeOf(error))));
  });
  const late = clock.sleep(deadlineMs, settled.signal).then(
    () => 'failed' as const,
    () => 'failed' as const,
  );
  try {
    return await Promise.race([killed, late]);
  } finally {
    settled.abort();
  }
}

function outcomeOf(error: Error): SignalOutcome | 'failed' {
  return 'code' in error && error.code === 'EPERM' ? 'denied' : 'failed';
}

function onPath(tool: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => executable(join(folder, tool)));
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(errnoOf(error))) return false;
    throw error;
  }
}
