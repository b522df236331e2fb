/** How many large chunks can be lent now: fewer than before when somebody has not given back what was lent. */
import { releaseBuffer, takeBuffer } from '../../src/model/buffer-pool.ts';

const LARGE_BYTES = 64 * 1024;

export function freeSlots(): number {
  const lent: Uint8Array[] = [];
  const memory = new Set<ArrayBufferLike>();
  // A plain copy has memory of its own, and would be the second one.
  while (memory.size < 2) {
    const bytes = takeBuffer(new Uint8Array(LARGE_BYTES));
    memory.add(bytes.buffer);
    lent.push(bytes);
  }
  for (const bytes of lent) releaseBuffer(bytes);
  return lent.length - 1;
}
