/** The number of free slots of the buffer pool: fewer than before if a buffer has not been released. */
import { releaseBuffer, takeBuffer } from '../../src/model/buffer-pool.ts';

const LARGE_BYTES = 64 * 1024;

export function freeSlots(): number {
  const taken: Uint8Array[] = [];
  const memory = new Set<ArrayBufferLike>();
  // A plain copy has its own memory and would be the second buffer.
  while (memory.size < 2) {
    const bytes = takeBuffer(new Uint8Array(LARGE_BYTES));
    memory.add(bytes.buffer);
    taken.push(bytes);
  }
  for (const bytes of taken) releaseBuffer(bytes);
  return taken.length - 1;
}
