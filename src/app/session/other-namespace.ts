/**
 * A session of this stack in another network namespace (a container, `unshare -n`): its lock cannot be seen from here,
 * but its record can. As long as it lives nothing of it may be started again, or be ended as if it had been left behind.
 */

import type { Failure } from '../../model/failure.ts';
import { readRecord } from '../../processes/record.ts';
import type { AppContext } from '../context.ts';
import { type Target, targetName } from '../target.ts';

/** A living session touches its record three times in this time. */
const SILENT_MS = 90_000;

/** E409; null when there is none. */
export async function sessionInOtherNamespace(target: Target, { machine }: AppContext): Promise<Failure | null> {
  const record = await readRecord(machine, target.folder);
  if (!record || record.networkNamespace === machine.networkNamespace()) return null;
  const { pid, start } = record.supervisor;
  const touchedMsAgo = machine.clock.wallTime() - record.touchedAtMs;
  // Stopped, it touches nothing; in a container, its number is another one here.
  const isSeen = (await machine.process(pid))?.start === start;
  if (!isSeen && touchedMsAgo > SILENT_MS) return null;
  return { code: 'E409', kind: 'session-elsewhere', stack: targetName(target), pid, touchedMsAgo };
}
