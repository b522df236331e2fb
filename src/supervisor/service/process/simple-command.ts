/**
 * Parses a command line as `sh` would, if it is one simple command: words, quotes, assignments, redirections. Any other
 * line (a pipe, `&&`, a substitution, a loop) is left to a shell.
 *
 * The parser is exact, since its words replace the shell. (config/resolve/command.ts only guesses, and check/sources/command-line.ts never
 * splits.)
 */

export interface Word {
  /** The word as written. */
  readonly raw: string;
  readonly start: number;
  /** The word without quotes; null if a shell must expand it. */
  readonly text: string | null;
}

/** Characters that make a line more than one simple command. */
const CONTROL = new Set('|;()`\n');
/** Characters that make a shell expand a word or redirect. */
const EXPANDED = new Set('$*?[]{}~<>');

/** The words of a line; null when it is more than one simple command. */
export function parseSimpleCommand(line: string): readonly Word[] | null {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at++;
    if (at >= line.length) return words;
    const start = at;
    const parts: string[] = [];
    let expand = false;
    if (line[at] === '#') return null;
    for (; at < line.length && line[at] !== ' ' && line[at] !== '\t'; ) {
      const char = line[at] as string;
      if (char === "'" || char === '"') {
        const quoted = char === "'" ? singleQuoted(line, at) : doubleQuoted(line, at);
        if (!quoted) return null;
        expand ||= quoted.text === null;
        parts.push(quoted.text ?? '');
        at = quoted.end;
        continue;
      }
      if (char === '\\') {
        const next = line[at + 1];
        if (next === undefined || next === '\n') return null;
        parts.push(next);
        at += 2;
        continue;
      }
      const redirects = char === '&' && at > start && (line[at - 1] === '>' || line[at - 1] === '<');
      if (CONTROL.has(char) || (char === '&' && !redirects)) return null;
      expand ||= EXPANDED.has(char) || redirects;
      parts.push(char);
      at++;
    }
    words.push({ raw: line.slice(start, at), start, text: expand ? null : parts.join('') });
  }
}

interface Quoted {
  readonly text: string | null;
  /** After the closing quote. */
  readonly end: number;
}

function singleQuoted(line: string, at: number): Quoted | null {
  const end = line.indexOf("'", at + 1);
  return end < 0 ? null : { text: line.slice(at + 1, end), end: end + 1 };
}

/** Null if the quote is not closed or contains a substitution. */
function doubleQuoted(line: string, at: number): Quoted | null {
  let text = '';
  let expand = false;
  for (let i = at + 1; i < line.length; i++) {
    const char = line[i] as string;
    if (char === '"') return { text: expand ? null : text, end: i + 1 };
    if (char === '`' || (char === '$' && line[i + 1] === '(')) return null;
    if (char === '$') expand = true;
    if (char !== '\\') text += char;
    else {
      const next = line[++i];
      if (next === undefined || next === '\n') return null;
      text += '$`"\\'.includes(next) ? next : `\\${next}`;
    }
  }
  return null;
}

/** A word that begins with an unquoted `NAME=` is an assignment, if only assignments stand before it. */
export function isAssignment({ raw }: Word): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*=/.test(raw);
}

export function isRedirection({ raw }: Word): boolean {
  return /^\d*[<>]/.test(raw);
}
