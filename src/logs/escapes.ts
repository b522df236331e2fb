/**
 * A service's output can drive a terminal: set its title, write the clipboard (OSC 52), hide text behind a link (OSC 8), switch
 * screens, reset it. Views therefore pass only colours and show every other control character as text: `^[` for ESC, `^G` for BEL,
 * `\x9b` for a C1 control (in UTF-8: C2 80–9F). Nothing is removed: the text after an escape is shown as it is, so an unfinished
 * sequence cannot hide the lines after it.
 *
 * The filter works on latin1 text (one character per byte), which keeps every byte and is fast. A sequence cut by the end of a chunk is
 * held back until it is complete, so any chunking gives the same text. A lone CR (a progress bar that returns to the start of its line)
 * would let a later frame overwrite the view's prefix, so it becomes a line break; CR before LF is removed.
 */

/** Longer parameter lists are not colours. This bounds the text that is held back. */
const MAX_PARAMETERS = 64;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are the subject here
/** A quick test that most chunks pass: text, tabs and line feeds only. */
const SUSPECT = /[\x00-\x08\x0b-\x1f\x7f\xc2]/;
/** ESC before a colour without the digit 8 passes at once; an 8 may conceal text and needs a closer check. */
const FORBIDDEN = /\x1b(?!\[[0-79;:]{0,64}m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|\r+\n?|\xc2[\x80-\x9f]/g;
const COLOUR = /\x1b\[([0-9;:]{0,64})m/y;
const ANY_COLOUR = /\x1b\[[0-9;:]{0,64}m/g;
const UNDECIDED = /(?:\x1b(?:\[[0-9;:]*)?|\xc2|\r+)$/;
/** The same for decoded text, in which C1 controls are single characters. */
const FORBIDDEN_DECODED = /\x1b(?!\[[0-79;:]{0,64}m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]|\r+\n?/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: control characters are the subject here

/** Filters one stream of one service. */
export class EscapeFilter {
  #held = '';

  /** Takes and returns latin1. May hold back the last few characters until the next chunk or `flush`. */
  filter(chunk: string): string {
    const text = this.#held + chunk;
    this.#held = '';
    if (!SUSPECT.test(text)) return text;
    const held = undecidedLength(text);
    this.#held = text.slice(text.length - held);
    return replaceForbidden(held === 0 ? text : text.slice(0, text.length - held), FORBIDDEN);
  }

  /** Returns what is still held back, filtered as it is, because the stream has ended. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return replaceForbidden(held, FORBIDDEN);
  }
}

/** Makes decoded text safe for a terminal: colours pass, other controls become visible. */
export function visibleText(text: string): string {
  return replaceForbidden(text, FORBIDDEN_DECODED);
}

/** Decoded text without control sequences: colours are removed, other controls become visible. */
export function plainText(text: string): string {
  return visibleText(text).replace(ANY_COLOUR, '');
}

function replaceForbidden(text: string, forbidden: RegExp): string {
  return text.replace(forbidden, (found, at: number, whole: string) => {
    const code = found.charCodeAt(0);
    if (code === 0x0d) return '\n';
    if (code === 0x1b) return isColour(whole, at) ? found : '^[';
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
function undecidedLength(text: string): number {
  const found = UNDECIDED.exec(text.slice(-(MAX_PARAMETERS + 2)))?.[0] ?? '';
  if (!found.startsWith('\r')) return found.length;
  let length = 0;
  while (text.charCodeAt(text.length - 1 - length) === 0x0d) length++;
  return length;
}
