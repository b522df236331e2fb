/**
 * A file that is either the old text or the new one, whoever reads it and whenever we die: written whole into a
 * neighbour, then renamed over. The neighbour's name is unguessable and must not exist, not even as a symbolic link.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';

/** Mode 0600. Rejects with the errno of what failed (ENOSPC, EACCES, …); nothing is left beside the file then. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const neighbour = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // Windows has no O_NOFOLLOW; O_EXCL alone refuses a link that exists.
  const handle = await open(neighbour, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
  try {
    try {
      await writeAll(handle, Buffer.from(text));
    } finally {
      await handle.close();
    }
    await rename(neighbour, file);
  } catch (error) {
    await rm(neighbour, { force: true });
    throw error;
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}
