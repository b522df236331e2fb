/**
 * Reads the lines of an env file: `NAME=value`, also after `export`, in quotes of any kind over several lines, as Node reads an
 * `--env-file`. As in Compose, `#` begins a comment only after a blank.
 */

export interface EnvLine {
  readonly name: string;
  readonly value: string;
  /** Number of the line with its name, from 1. */
  readonly line: number;
  /** It is in single quotes. */
  readonly literal: boolean;
}

export interface LineProblem {
  readonly line: number;
  readonly message: string;
}

export function readLines(text: string): { readonly lines: readonly EnvLine[]; readonly problems: readonly LineProblem[] } {
  const input = text.replace(/^\uFEFF/, '').replaceAll('\r', '');
  const lines: EnvLine[] = [];
  const problems: LineProblem[] = [];
  let line = 1;
  for (let at = 0; at < input.length; ) {
    const end = endOfLine(input, at);
    const written = input.slice(at, end);
    const equals = written.indexOf('=');
    const name = written
      .slice(0, Math.max(equals, 0))
      .trimStart()
      .replace(/^export\s+/, '')
      .trimEnd();
    let next = end;
    if (/^\s*(#|$)/.test(written)) {
      // A comment, or nothing.
    } else if (name === '') {
      problems.push({ line, message: 'is no NAME=value: the line is left out' });
    } else {
      const given = written.slice(equals + 1);
      const from = end - given.trimStart().length;
      const quoted = quotedValue(input, from);
      if (quoted === 'open') problems.push({ line, message: `${name} opens a quote that is never closed` });
      const plain = quoted === null || quoted === 'open';
      const value = plain ? withoutComment(given) : quoted.value;
      if (!plain) next = endOfLine(input, quoted.end);
      if (`${name}${value}`.includes('\0')) problems.push({ line, message: 'contains a NUL character: the line is left out' });
      else lines.push({ name, value, line, literal: !plain && input[from] === "'" });
    }
    line += input.slice(at, next).split('\n').length;
    at = next + 1;
  }
  return { lines, problems };
}

function endOfLine(input: string, from: number): number {
  const end = input.indexOf('\n', from);
  return end === -1 ? input.length : end;
}

/** Null for a value that is not quoted. `end`: after the closing quote. */
function quotedValue(input: string, from: number): { readonly value: string; readonly end: number } | 'open' | null {
  const quote = input[from];
  if (quote !== '"' && quote !== "'" && quote !== '`') return null;
  const close = input.indexOf(quote, from + 1);
  const value = input.slice(from + 1, close);
  // A quote between `NAME=` and more text, on a later line, opens a value of its own.
  const lastLine = value.includes('\n') ? value.slice(value.lastIndexOf('\n') + 1).trim() : '';
  const opensAnother = /^(export\s+)?[\w.-]+\s*=$/.test(lastLine) && /^[^\s#]/.test(input.slice(close + 1, close + 2));
  if (close === -1 || opensAnother) return 'open';
  return { value: quote === '"' ? value.replaceAll('\\n', '\n') : value, end: close + 1 };
}

function withoutComment(text: string): string {
  const comment = /\s#/.exec(text);
  return text.slice(0, comment?.index).trim();
}
