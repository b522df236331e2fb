/**
 * Bytes that several hold for a while: a log that waits for the disk, a reader that is behind. A large chunk of a flood is
 * copied once, into memory that is used again and again; whoever keeps it beyond the call that gave it holds it, and
 * releases it. Buffers of their own would wait for the garbage collector, tens of megabytes of them.
 *
 *     take ──▶ retain … release    for everybody who keeps it
 *        └──▶ release              by the one that took it, when all have seen it
 *
 * Small chunks, and large ones while all slots are taken, are plain copies: to hold and to release those does nothing.
 */
const SLOT_BYTES = 64 * 1024;
const SLOTS = 96;
/** Smaller ones are not worth a slot. */
const LEAST_BYTES = 8 * 1024;

let arena: Uint8Array | null = null;
const free = Array.from({ length: SLOTS }, (_, slot) => slot);
/** How many hold each slot. */
const holders = new Uint16Array(SLOTS);

/** A copy of the bytes, held once. */
export function takeBuffer(bytes: Uint8Array): Uint8Array {
  const slot = bytes.length < LEAST_BYTES || bytes.length > SLOT_BYTES ? undefined : free.pop();
  if (slot === undefined) return new Uint8Array(bytes);
  arena ??= new Uint8Array(SLOT_BYTES * SLOTS);
  const copy = arena.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + bytes.length);
  copy.set(bytes);
  holders[slot] = 1;
  return copy;
}

/** They stay as they are until they are released once more. */
export function retainBuffer(bytes: Uint8Array): void {
  const slot = slotOf(bytes);
  if (slot !== null) holders[slot] = (holders[slot] as number) + 1;
}

/** The last release of pooled bytes lets them be written over. Parts of a chunk count as the chunk. */
export function releaseBuffer(bytes: Uint8Array): void {
  const slot = slotOf(bytes);
  if (slot === null) return;
  const left = (holders[slot] as number) - 1;
  if (left < 0) throw new RangeError('pooled bytes were released more often than they were held');
  holders[slot] = left;
  if (left === 0) free.push(slot);
}

/** The bytes for somebody who may keep them as long as they like. */
export function ownCopy(bytes: Uint8Array): Uint8Array {
  return slotOf(bytes) === null ? bytes : new Uint8Array(bytes);
}

function slotOf({ buffer, byteOffset }: Uint8Array): number | null {
  return arena !== null && buffer === arena.buffer ? Math.floor(byteOffset / SLOT_BYTES) : null;
}
