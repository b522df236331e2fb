/**
 * A pool of memory for output that several parts of devup keep for a while: a log that waits for the disk, a slow reader. A large chunk
 * is copied once, into memory that is reused. Code that keeps the bytes beyond the call that passed them retains and later releases
 * them. Separate buffers would wait for the garbage collector, tens of megabytes of them.
 *
 *     take ──▶ retain … release    by each part that keeps the bytes
 *        └──▶ release              by the one that took them, after all have seen them
 *
 * Small chunks, and large ones while all slots are taken, are plain copies; retaining and releasing those has no effect.
 *
 * Three parts retain: a service's output, its log, and event readers that block. If the readers copied instead, the peak of a
 * session whose stdout is a pipe would be 102 MiB instead of 73 while 200 MB pass. All other code copies.
 */
const SLOT_BYTES = 64 * 1024;
const SLOTS = 96;
/** Smaller chunks are not worth a slot. */
const LEAST_BYTES = 8 * 1024;

let arena: Uint8Array | null = null;
const free = Array.from({ length: SLOTS }, (_, slot) => slot);
/** Number of parts that retain each slot. */
const retains = new Uint16Array(SLOTS);

/** A copy of the bytes, retained once. */
export function takeBuffer(bytes: Uint8Array): Uint8Array {
  const slot = bytes.length < LEAST_BYTES || bytes.length > SLOT_BYTES ? undefined : free.pop();
  if (slot === undefined) return new Uint8Array(bytes);
  arena ??= new Uint8Array(SLOT_BYTES * SLOTS);
  const copy = arena.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + bytes.length);
  copy.set(bytes);
  retains[slot] = 1;
  return copy;
}

/** Keeps the bytes unchanged until one more release. */
export function retainBuffer(bytes: Uint8Array): void {
  const slot = slotOf(bytes);
  if (slot !== null) retains[slot] = (retains[slot] as number) + 1;
}

/** After the last release the bytes may be overwritten. A part of a chunk may be given in place of the chunk. */
export function releaseBuffer(bytes: Uint8Array): void {
  const slot = slotOf(bytes);
  if (slot === null) return;
  const left = (retains[slot] as number) - 1;
  if (left < 0) throw new RangeError('pooled bytes were released more often than they were held');
  retains[slot] = left;
  if (left === 0) free.push(slot);
}

/** The bytes for code that may keep them without releasing them. */
export function ownCopy(bytes: Uint8Array): Uint8Array {
  return slotOf(bytes) === null ? bytes : new Uint8Array(bytes);
}

function slotOf({ buffer, byteOffset }: Uint8Array): number | null {
  return arena !== null && buffer === arena.buffer ? Math.floor(byteOffset / SLOT_BYTES) : null;
}
