/** The pages of `docs/`, and the code in them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const DOCS = path.resolve(import.meta.dirname, '../../../docs');

export function page(name: string): string {
  return readFileSync(path.join(DOCS, name), 'utf8');
}

export interface Fence {
  readonly language: string;
  readonly code: string;
  /** The nearest heading above, without its marks. */
  readonly under: string;
}

export function fences(text: string): readonly Fence[] {
  const found: Fence[] = [];
  let under = '';
  for (const [, heading, language, code] of text.matchAll(/^#+ (.*)$|^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) under = heading;
    else found.push({ language: language ?? '', code: code ?? '', under });
  }
  return found;
}

/** The cells of every row of the tables below a heading, up to the next one. */
export function rows(text: string, heading: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('#'));
  return lines
    .slice(from + 1, length === -1 ? undefined : from + 1 + length)
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ \| /)
        .map((cell) => cell.trim()),
    );
}
