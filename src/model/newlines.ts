/** Counts the lines of output that is dropped. */

/** The last chunk that was counted, because several readers drop the same chunk. */
let lastCount: { readonly bytes: Uint8Array; readonly lines: number } | null = null;

/** The number of line feeds in the chunk. */
export function countNewlines(bytes: Uint8Array): number {
  if (lastCount?.bytes !== bytes) lastCount = { bytes, lines: scanNewlines(bytes) };
  return lastCount.lines;
}

const NO_WORDS = new Uint32Array(0);

/** Counts four bytes at a time: a dropped flood of 500 MB/s must not cost more than it cost to produce. */
function scanNewlines(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const head = length < 8 ? length : (4 - (byteOffset & 3)) & 3;
  const words = (length - head) >> 2;
  const view = words === 0 ? NO_WORDS : new Uint32Array(buffer, byteOffset + head, words);
  let count = 0;
  for (let i = 0; i < head; i++) if (bytes[i] === 10) count++;
  for (let i = 0; i < words; i++) {
    // `other` has a zero byte where the chunk has a newline, and `zeros` has 0x80 exactly there.
    const other = (view[i] as number) ^ 0x0a0a0a0a;
    let zeros = ~(((other & 0x7f7f7f7f) + 0x7f7f7f7f) | other) & 0x80808080;
    for (; zeros !== 0; zeros &= zeros - 1) count++;
  }
  for (let i = head + words * 4; i < length; i++) if (bytes[i] === 10) count++;
  return count;
}
