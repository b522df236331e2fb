/**
 * A service's output can drive a terminal: set its title, write the clipboard (OSC 52), hide text behind a link (OSC 8), switch
 * screens. Views on a terminal therefore pass only colours and show every other control character as text: `^[` for ESC, `^G` for BEL,
 * `\x9b` for a C1 control (in UTF-8: C2 80–9F). The text after an escape is shown as it is, so an unfinished sequence cannot hide the lines
 * after it. A pipe or a file gets all other control characters unchanged, and colours only if it is to have them.
 *
 * Watchers and spinners clear the screen and move the cursor (`tsc --watch`). Between the lines of other services that makes no sense, so
 * every view drops these sequences. One that leaves its place in the line ends the line.
 *
 * The filter works on latin1 text (one character per byte), which keeps every byte and is fast. A sequence cut by the end of a chunk is
 * held back until it is complete, so any chunking gives the same text. A lone CR (a progress bar that returns to the start of its line)
 * would let a later frame overwrite the view's prefix, so on a terminal it becomes a line break; CR before LF is removed.
 */

/** Longer parameter lists are not colours. This bounds the text that is held back. */
const MAX_PARAMETERS = 64;
const ESC = 0x1b;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are the subject here
/** A quick test that most chunks pass: text, tabs and line feeds only. */
const SUSPECT = /[\x00-\x08\x0b-\x1f\x7f\xc2]/;
/** ESC before a colour without the digit 8 passes at once; an 8 may conceal text and needs a closer check. */
const FORBIDDEN = /\x1b(?!\[[0-79;:]{0,64}m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|\r+\n?|\xc2[\x80-\x9f]/g;
/** The same for decoded text, in which C1 controls are single characters. */
const FORBIDDEN_DECODED = /\x1b(?!\[[0-79;:]{0,64}m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]|\r+\n?/g;
/** Clears, moves, scrolls, saves, restores and hides: ESC c, 7, 8, and CSI with these final characters (ECMA-48, xterm's ctlseqs). */
const DRAWING = /\x1b(?:[c78]|\[(?:[0-9;]{0,16}[A-HJKSTdfsu]|\?(?:25|2026)[hl]))/g;
const DRAWING_OR_COLOUR = /\x1b(?:[c78]|\[(?:[0-9;]{0,16}[A-HJKSTdfsu]|\?(?:25|2026)[hl]|[0-9;:]{0,64}m))/g;
/** A reset, an erased screen, a move to another line or to the first column. */
const LEAVES_PLACE = /^\x1b(?:c|\[(?:[0-9;]*[ABEFHJSTdf]|[01]?G)$)/;
const COLOUR = /\x1b\[([0-9;:]{0,64})m/y;
const LAST_COLOUR = /\x1b\[[0-9;:]{0,64}m$/;
const UNDECIDED = /(?:\xc2?\x1b(?:\[\??[0-9;:]*)?|\xc2|\r+)$/;
const UNDECIDED_ESCAPE = /\x1b(?:\[\??[0-9;:]*)?$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: control characters are the subject here

export interface EscapeFilterOptions {
  /** Whether colours pass (default) or are removed. */
  readonly colour?: boolean;
  /** `visible` (default): for a terminal. `unchanged`: for a pipe or a file, which gets every other byte as it is. */
  readonly controls?: 'visible' | 'unchanged';
}

/** Filters one stream of one service. */
export class EscapeFilter {
  readonly #isVisible: boolean;
  readonly #sequences: SequenceFilter;
  #held = '';

  constructor({ colour = true, controls = 'visible' }: EscapeFilterOptions = {}) {
    this.#isVisible = controls === 'visible';
    this.#sequences = new SequenceFilter(colour ? DRAWING : DRAWING_OR_COLOUR, this.#isVisible ? FORBIDDEN : null);
  }

  /** Whether `filter` would return exactly these bytes; if so, they count as filtered. Cheaper than decoding them. */
  passes(bytes: Uint8Array): boolean {
    if (this.#isVisible || this.#held !== '' || bytes.indexOf(ESC) !== -1) return false;
    if (bytes.length > 0) this.#sequences.passed(bytes.at(-1) === 0x0a);
    return true;
  }

  /** Takes and returns latin1. May hold back the last few characters until the next chunk or `flush`. */
  filter(chunk: string): string {
    const text = this.#held + chunk;
    this.#held = '';
    if (text === '') return '';
    if (this.#isVisible && !SUSPECT.test(text)) {
      this.#sequences.passed(text.endsWith('\n'));
      return text;
    }
    const held = undecidedLength(text, this.#isVisible ? UNDECIDED : UNDECIDED_ESCAPE);
    this.#held = text.slice(text.length - held);
    return this.#sequences.filter(held === 0 ? text : text.slice(0, text.length - held));
  }

  /** Returns what is still held back, filtered as it is, because the stream has ended. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return this.#sequences.filter(held);
  }
}

/**
 * Drops sequences. Text that would follow other text on its line, though it was printed at another place, begins a new line. The pieces between
 * dropped sequences are judged one by one, so that a sequence cannot arise from its parts.
 */
class SequenceFilter {
  readonly #dropped: RegExp;
  /** Matches what becomes visible; null: nothing does. */
  readonly #forbidden: RegExp | null;
  #atStart = true;

  constructor(dropped: RegExp, forbidden: RegExp | null) {
    this.#dropped = dropped;
    this.#forbidden = forbidden;
  }

  /** To be called for text without escapes that was not given to `filter`. */
  passed(endsLine: boolean): void {
    this.#atStart = endsLine;
  }

  filter(text: string): string {
    let shown = '';
    let end = 0;
    for (const { 0: found, index } of text.matchAll(this.#dropped)) {
      // In UTF-8, C2 would be the first half of a C1 control whose second half follows the sequence.
      shown += this.#piece(text.slice(end, index)).replace(/\xc2$/, this.#forbidden === FORBIDDEN ? '\\xc2' : '$&');
      end = index + found.length;
      if (this.#atStart || !LEAVES_PLACE.test(found)) continue;
      shown += '\n';
      this.#atStart = true;
    }
    return shown + this.#piece(text.slice(end));
  }

  #piece(text: string): string {
    let end = text.length;
    // Colours do not change the place in the line.
    while (text.charCodeAt(end - 1) === 0x6d) {
      const colour = LAST_COLOUR.exec(text.slice(Math.max(0, end - MAX_PARAMETERS - 3), end));
      if (!colour) break;
      end -= colour[0].length;
    }
    const last = text.charCodeAt(end - 1);
    if (end > 0) this.#atStart = last === 0x0a || last === 0x0d;
    return this.#forbidden ? replaceForbidden(text, this.#forbidden) : text;
  }
}

/** Makes decoded text safe for a terminal: colours pass, drawing is dropped, other controls become visible. */
export function visibleText(text: string): string {
  return new SequenceFilter(DRAWING, FORBIDDEN_DECODED).filter(text);
}

/** Decoded text without control sequences: colours and drawing are dropped, other controls become visible. */
export function plainText(text: string): string {
  return new SequenceFilter(DRAWING_OR_COLOUR, FORBIDDEN_DECODED).filter(text);
}

/** Decoded text without colours and drawing. Other controls stay: JSON escapes them. */
export function uncolouredText(text: string): string {
  return text.includes('\x1b') ? new SequenceFilter(DRAWING_OR_COLOUR, null).filter(text) : text;
}

function replaceForbidden(text: string, forbidden: RegExp): string {
  return text.replace(forbidden, (found, at: number, whole: string) => {
    const code = found.charCodeAt(0);
    if (code === 0x0d) return '\n';
    if (code === ESC) return isColour(whole, at) ? found : '^[';
    if (code === 0xc2) return `\\x${found.charCodeAt(1).toString(16)}`;
    if (code === 0x7f) return '^?';
    return code < 0x20 ? `^${String.fromCharCode(code + 64)}` : `\\x${code.toString(16)}`;
  });
}

/** Whether this is a colour sequence that does not conceal text (SGR 8). The 8 in `38;5;8` is a colour's number. */
function isColour(text: string, at: number): boolean {
  COLOUR.lastIndex = at;
  const match = COLOUR.exec(text);
  if (!match) return false;
  const parameters = (match[1] as string).split(';');
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i] as string;
    const number = Number.parseInt(parameter, 10);
    if (number === 8) return false;
    if ((number !== 38 && number !== 48 && number !== 58) || parameter.includes(':')) continue;
    const kind = Number.parseInt(parameters[i + 1] ?? '', 10);
    if (kind === 5) i += 2;
    if (kind === 2) i += 4;
  }
  return true;
}

/** The number of characters at the end that need the next chunk to be judged. */
function undecidedLength(text: string, undecided: RegExp): number {
  const found = undecided.exec(text.slice(-(MAX_PARAMETERS + 3)))?.[0] ?? '';
  if (!found.startsWith('\r')) return found.length;
  let length = 0;
  while (text.charCodeAt(text.length - 1 - length) === 0x0d) length++;
  return length;
}
