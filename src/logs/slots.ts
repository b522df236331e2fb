/**
 * Room for large chunks that wait for the disk, shared by all logs and used again and again. Kept by reference, each of
 * them would live long enough to be taken for a lasting object by the garbage collector, and a flood would cost tens of
 * megabytes before it is collected. When all slots are taken, a chunk is kept as it is.
 */
const SLOT_BYTES = 64 * 1024;
const COUNT = 32;
/** Smaller ones are not worth a slot. */
const LEAST_BYTES = 8 * 1024;

let buffer: Buffer | null = null;
const free = Array.from({ length: COUNT }, (_, slot) => slot);

export interface Kept {
  readonly bytes: Uint8Array;
  /** To be given back with `giveBack`; null: it took none. */
  readonly slot: number | null;
}

export function keep(bytes: Uint8Array): Kept {
  if (bytes.length < LEAST_BYTES || bytes.length > SLOT_BYTES) return { bytes, slot: null };
  const slot = free.pop();
  if (slot === undefined) return { bytes, slot: null };
  buffer ??= Buffer.allocUnsafeSlow(SLOT_BYTES * COUNT);
  const copy = buffer.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + bytes.length);
  copy.set(bytes);
  return { bytes: copy, slot };
}

export function giveBack(slot: number | null): void {
  if (slot !== null) free.push(slot);
}
