/**
 * Text measured in terminal cells: wide East Asian characters and emoji take two, combining marks none. Most text is plain
 * and is measured without `string-width`. Names and command lines come from foreign processes, so
 * `harmless` makes their control characters visible first.
 */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are the subject here
const COLOUR = /\x1b\[[0-9;]*m/g;
/** One cell per character: printable ASCII and devup's own glyphs (· … │ ↻ ○ ✔ ✖). */
const PLAIN = /^[\x20-\x7e\xb7\u2026\u2502\u21bb\u25cb\u2714\u2716]*$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: control characters are the subject here

/** The width in terminal cells. */
export function width(text: string): number {
  const bare = text.replace(COLOUR, '');
  return PLAIN.test(bare) ? bare.length : stringWidth(bare);
}

/** Cuts text without colours to at most `cells`; `…` marks a cut. */
export function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  if (cells <= 0) return '';
  return `${head(text, cells - 1)}…`;
}

/** Drops a wide character that crosses the end, which `slice-ansi` keeps. */
function head(text: string, cells: number): string {
  if (PLAIN.test(text)) return text.slice(0, cells);
  for (let end = cells; ; end--) {
    const part = sliceAnsi(text, end);
    if (width(part) <= cells) return part;
  }
}

export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - width(text)));
}

export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - width(text))) + text;
}

/** Loaded on first use: most text is plain. */
function stringWidth(text: string): number {
  return (require('string-width') as typeof import('string-width')).default(text);
}

function sliceAnsi(text: string, end: number): string {
  return (require('slice-ansi') as typeof import('slice-ansi')).default(text, 0, end);
}
