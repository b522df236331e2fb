/**
 * Closes the colour that a stream has left on at the end of a line, and sets it again behind the prefix of the next line:
 *
 *     ESC[31m one ⏎ two ESC[0m ⏎   ──▶   ESC[31m one ESC[0m ⏎ ESC[31m two ESC[0m ⏎
 *
 * Sequences must not be cut by the end of a chunk; `EscapeFilter` sees to that.
 */

const ESC = 0x1b;
export const RESET = '\x1b[0m';
const COLOUR_OR_LF = /\x1b\[([0-9;:]{0,64})m|\n/g;

export class LineColours {
  readonly #open = new OpenColour();
  /** No text of the present line has been seen, and a colour was on when it began. */
  #isDue = false;

  /** The sequence that sets what is on after the last byte; '' for nothing. */
  get open(): string {
    return this.#isDue ? '' : this.#open.sequence;
  }

  apply(bytes: Uint8Array): Uint8Array {
    if (this.#open.sequence === '' && !this.#isDue && bytes.indexOf(ESC) === -1) return bytes;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    return Buffer.from(this.#apply(text), 'latin1');
  }

  #apply(text: string): string {
    let out = '';
    let end = 0;
    for (const { 0: found, 1: parameters, index } of text.matchAll(COLOUR_OR_LF)) {
      out += this.#begin(text.slice(end, index));
      end = index + found.length;
      if (parameters !== undefined) {
        this.#open.read(parameters);
        // At the beginning of a line only the sum of all sequences counts.
        if (!this.#isDue) out += found;
      } else {
        if (!this.#isDue && this.#open.sequence !== '') out += RESET;
        out += '\n';
        this.#isDue = this.#open.sequence !== '';
      }
    }
    return out + this.#begin(text.slice(end));
  }

  #begin(text: string): string {
    if (!this.#isDue || text === '') return text;
    this.#isDue = false;
    return this.#open.sequence + text;
  }
}

/** Attribute → the parameters that switch it on. A later value replaces an earlier one (ECMA-48, SGR). */
class OpenColour {
  readonly #on = new Map<string, string>();
  #sequence = '';

  get sequence(): string {
    return this.#sequence;
  }

  read(parameters: string): void {
    const list = parameters.split(';');
    for (let i = 0; i < list.length; ) i += this.#take(list, i);
    this.#sequence = this.#on.size === 0 ? '' : `\x1b[${[...this.#on.values()].join(';')}m`;
  }

  /** Returns how many parameters belong together. */
  #take(list: readonly string[], at: number): number {
    const parameter = list[at] as string;
    const code = parameter === '' ? 0 : Number.parseInt(parameter, 10);
    if (code === 0) {
      this.#on.clear();
      return 1;
    }
    const colour = COLOURS[code];
    if (colour !== undefined && !parameter.includes(':')) {
      const length = list[at + 1] === '5' ? 3 : list[at + 1] === '2' ? 5 : 1;
      if (length > 1) this.#set(colour, list.slice(at, at + length).join(';'));
      return length;
    }
    // `4:0` is a way to write 24.
    if (parameter === '4:0') this.#on.delete('underline');
    else for (const attribute of OFF[code] ?? []) this.#on.delete(attribute);
    const attribute = colour ?? attributeOf(code);
    if (attribute !== null && parameter !== '4:0') this.#set(attribute, parameter);
    return 1;
  }

  #set(attribute: string, parameters: string): void {
    this.#on.delete(attribute);
    this.#on.set(attribute, parameters);
  }
}

/** Followed by `5;n` or `2;r;g;b`. */
const COLOURS: Readonly<Record<number, string>> = { 38: 'text', 48: 'background', 58: 'underline-colour' };

const ATTRIBUTES: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  5: 'blink',
  6: 'blink',
  7: 'inverse',
  8: 'concealed',
  9: 'struck',
  21: 'underline',
  53: 'overline',
};

const OFF: Readonly<Record<number, readonly string[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  25: ['blink'],
  27: ['inverse'],
  28: ['concealed'],
  29: ['struck'],
  39: ['text'],
  49: ['background'],
  55: ['overline'],
  59: ['underline-colour'],
};

function attributeOf(code: number): string | null {
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return 'text';
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return 'background';
  return ATTRIBUTES[code] ?? null;
}
