/** A live session's record, supervisor and guard, and killing both at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processRow } from '../../../scripts/world.mjs';
import type { SessionRecord } from '../../../src/processes/record.ts';
import { eventually } from '../../rig/eventually.ts';
import type { Puppet } from '../../rig/puppets.ts';
import type { Rig } from '../../rig/rig.ts';
import { isAlive } from '../ports/answers.ts';
import { stackFolder } from './measure.ts';

export function recordFile(rig: Rig): string {
  return join(stackFolder(rig), 'record.json');
}

export function recordOf(rig: Rig): SessionRecord {
  return JSON.parse(readFileSync(recordFile(rig), 'utf8')) as SessionRecord;
}

/** The rig makes sure that it is gone after the test. 0: there is none (yet). */
export function guardOf(rig: Rig): number {
  const pid = recordOf(rig).guard?.pid ?? 0;
  if (pid > 0) rig.remember(pid);
  return pid;
}

/** Kills it with its guard, so that the services are left. The supervisor is stopped first, or it would start another guard. */
export async function diesWithItsGuard(rig: Rig): Promise<void> {
  const { pid } = recordOf(rig).supervisor;
  const guard = guardOf(rig);
  process.kill(pid, 'SIGSTOP');
  process.kill(guard, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  await eventually('both to be gone', () => !isAlive(pid) && !isAlive(guard));
}

export async function allGone(puppets: readonly Puppet[]): Promise<void> {
  const living = () => puppets.flatMap((puppet) => puppet.pids()).filter((pid) => processRow(pid) !== null);
  await eventually(
    () => `these to be gone: ${living()}`,
    () => living().length === 0,
  );
}

export function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

export function identityOf(pid: number): { readonly pid: number; readonly start: number } {
  const row = processRow(pid);
  if (!row) throw new Error(`pid ${pid} is gone`);
  return { pid, start: row.start };
}
