/**
 * Writes a file so that every reader sees the old text or the new one, even if devup dies meanwhile: the text goes to a
 * temporary file beside it, which is then renamed. The temporary file must not exist, not even as a symbolic link, so a
 * process that guessed its name could only make the write fail.
 *
 * The write is synchronous: a record has a few kilobytes, and four waits for another thread take longer than writing it.
 * The first service waits for the record.
 */
import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Mode 0600. On failure, rejects with an errno (ENOSPC, EACCES, …) and removes the temporary file. */
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
