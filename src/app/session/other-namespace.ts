/**
 * Finds a session of this stack in another network namespace (a container, `unshare -n`). Its lock is invisible from here, but
 * its record is not. While that session lives, its services must be neither started twice nor ended as leftovers.
 */

import type { Failure } from '../../model/failure.ts';
import { readRecord } from '../../processes/record.ts';
import type { AppContext } from '../context.ts';
import { type Target, targetName } from '../target.ts';

/** A running session touches its record three times in this period. */
const SILENT_MS = 90_000;

/** E409, or null when there is no such session. */
export async function sessionInOtherNamespace(target: Target, { machine }: AppContext): Promise<Failure | null> {
  const record = await readRecord(machine, target.folder);
  if (!record || record.networkNamespace === machine.networkNamespace()) return null;
  const { pid, start } = record.supervisor;
  const touchedMsAgo = machine.clock.wallTime() - record.touchedAtMs;
  // One sign is not enough: a suspended process touches no record, and a process in a container has another pid here.
  const isSeen = (await machine.process(pid))?.start === start;
  if (!isSeen && touchedMsAgo > SILENT_MS) return null;
  return { code: 'E409', kind: 'session-elsewhere', stack: targetName(target), pid, touchedMsAgo };
}
