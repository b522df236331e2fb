/**
 * Splits chunks into lines. The result does not depend on how the bytes are cut into chunks; joined by line feeds, it is the input again. A
 * line longer than the cap becomes several pieces, all but the first marked as `continued`, so that an endless line (a minified bundle, a
 * dump) does not fill the memory. Runs in linear time: the chunks of a piece are joined once.
 */
export const LINE_CAP_BYTES = 64 * 1024;

export interface LinePiece {
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** Position of the first byte, counted from the splitter's start. */
  readonly offset: number;
  /** This piece continues the line of the piece before. */
  readonly continued: boolean;
  /** The line feed was seen; otherwise the line continues (it was cut at the cap) or is unfinished (`end`). */
  readonly ended: boolean;
}

const LF = 0x0a;

export class Splitter {
  readonly #cap: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #offset = 0;
  #continued = false;

  constructor(capBytes: number = LINE_CAP_BYTES) {
    this.#cap = capBytes;
  }

  push(chunk: Uint8Array): LinePiece[] {
    const pieces: LinePiece[] = [];
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length) {
      const lineFeed = bytes.indexOf(LF, at);
      const end = lineFeed === -1 ? bytes.length : lineFeed;
      // The cap applies only if a byte beyond it exists: a line of exactly the cap's length is whole.
      while (this.#held + (end - at) > this.#cap) {
        const room = this.#cap - this.#held;
        this.#hold(bytes.subarray(at, at + room));
        pieces.push(this.#take(false));
        at += room;
      }
      this.#hold(bytes.subarray(at, end));
      at = end;
      if (lineFeed !== -1) {
        pieces.push(this.#take(true));
        at = lineFeed + 1;
      }
    }
    return pieces;
  }

  /** The unfinished last line, if there is one. */
  end(): LinePiece[] {
    return this.#held > 0 ? [this.#take(false)] : [];
  }

  #hold(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  #take(ended: boolean): LinePiece {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#held);
    const piece = { bytes, offset: this.#offset, continued: this.#continued, ended };
    this.#offset += bytes.length + (ended ? 1 : 0);
    this.#continued = !ended;
    this.#chunks = [];
    this.#held = 0;
    return piece;
  }
}
