/**
 * A file that is either the old text or the new one, for every reader and whenever we die: written whole into a
 * neighbour, then renamed over. The neighbour must not exist, not even as a symbolic link: a process that guessed its name
 * could only make the write fail.
 *
 * All of it in one turn: a record is some kilobytes, and waiting for another thread four times takes longer than writing
 * it. The first service waits for that.
 */
import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Mode 0600. Rejects with the errno of what failed (ENOSPC, EACCES, …); nothing is left beside the file then. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  // Loading `node:crypto` for a name would take 2 ms.
  const neighbour = `${file}.${process.pid}.${process.hrtime.bigint().toString(36)}${Math.random().toString(36).slice(2)}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // Windows has no O_NOFOLLOW; O_EXCL alone refuses a link that exists.
  const fd = openSync(neighbour, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
  try {
    try {
      writeFileSync(fd, text);
    } finally {
      closeSync(fd);
    }
    renameSync(neighbour, file);
  } catch (error) {
    rmSync(neighbour, { force: true });
    throw error;
  }
}
