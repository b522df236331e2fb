/**
 * Text that goes into a terminal's cells. Names and command lines come from strangers' processes, so controls are made
 * visible before they are measured or shown. The width counts what a terminal does: wide East Asian characters and emoji
 * take two cells, combining marks none; a colour sequence of ours none.
 */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are the subject here
const COLOUR = /\x1b\[[0-9;]*m/g;
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** A cell a character: printable ASCII and our own glyphs (· … │ ↻ ○ ✔ ✖). */
const PLAIN = /^[\x20-\x7e\xb7\u2026\u2502\u21bb\u25cb\u2714\u2716]*$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: control characters are the subject here
/** Blocks that Unicode's East Asian Width calls Wide or Fullwidth, as first and last code point. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

/** One line of harmless text: controls (line breaks and changes of writing direction too) become `^X` or `\u202e`. */
export function harmless(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code === 0x0a || code === 0x0d || code === 0x09) return ' ';
    if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
    if (code === 0x7f) return '^?';
    return code < 0x100 ? `\\x${code.toString(16)}` : `\\u${code.toString(16)}`;
  });
}

/** Terminal cells. */
export function width(text: string): number {
  const bare = text.replace(COLOUR, '');
  if (PLAIN.test(bare)) return bare.length;
  let cells = 0;
  for (const { segment } of graphemes(bare)) cells += cellsOf(segment);
  return cells;
}

/** Cut to at most so many cells, ending in `…` when something is missing. For text without colours. */
export function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  if (cells <= 0) return '';
  let out = '';
  let used = 0;
  for (const { segment } of graphemes(text)) {
    const more = cellsOf(segment);
    if (used + more > cells - 1) break;
    out += segment;
    used += more;
  }
  return `${out}…`;
}

export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - width(text)));
}

export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - width(text))) + text;
}

let segmenter: Intl.Segmenter | null = null;

/** Made when it is needed: it costs 8 ms, and most text is plain. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** The patterns stand here, since making them takes half a millisecond of every command, and most text is plain. */
function cellsOf(segment: string): number {
  const code = segment.codePointAt(0) ?? 0;
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Format}]+$/u.test(segment)) return 0;
  if (/^\p{Emoji_Presentation}|\ufe0f|\u200d\p{Extended_Pictographic}/u.test(segment)) return 2;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** A word as it can be pasted into a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
