/**
 * Reusable memory in which output is assembled. Strings or fresh buffers for each chunk of a flood would fill the garbage
 * collector's young generation with tens of megabytes.
 */
const LF = 0x0a;
const FIRST_BYTES = 16 * 1024;
/** Larger areas go to the garbage collector, so that one endless line does not hold its memory forever. */
const MOST_BYTES = 1024 * 1024;

export class Area {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Too large to be reused. */
  get isLarge(): boolean {
    return this.#bytes.length > MOST_BYTES;
  }

  /** Everything put since `clear`; valid until the next `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  put(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length, 0);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * Copies the bytes and inserts the prefix after each line feed. The bytes wait at the end of the area and move to the front line by line:
   *
   *     done │ free ──▶     ◀── lines that wait
   *
   * Moving within one buffer costs a tenth of copying between two, which needs a view for each line.
   */
  putPrefixed(bytes: Uint8Array, prefix: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length, 0);
    let from = this.#bytes.length - bytes.length;
    this.#bytes.set(bytes, from);
    for (let end = this.#bytes.indexOf(LF, from) + 1; end > 0; end = this.#bytes.indexOf(LF, from) + 1) {
      const waiting = this.#bytes.length - end;
      if (this.#length + (end - from) + prefix.length > end) {
        const size = this.#bytes.length;
        this.#grow(prefix.length, size - from);
        from += this.#bytes.length - size;
        end = this.#bytes.length - waiting;
      }
      this.#bytes.copyWithin(this.#length, from, end);
      this.#length += end - from;
      this.#bytes.set(prefix, this.#length);
      this.#length += prefix.length;
      from = end;
    }
    this.#bytes.copyWithin(this.#length, from);
    this.#length += this.#bytes.length - from;
  }

  /** Makes room for `more` bytes; the last `waiting` bytes stay at the end. */
  #grow(more: number, waiting: number): void {
    const before = this.#bytes;
    const wanted = this.#length + waiting + more;
    let size = before.length * 2;
    while (size < wanted) size *= 2;
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#bytes.set(before.subarray(0, this.#length));
    this.#bytes.set(before.subarray(before.length - waiting), size - waiting);
  }
}
