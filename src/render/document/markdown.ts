/** Escapes text of a config for Markdown: it cannot become markup or a second line. */
import { harmless } from '../../model/harmless.ts';
import { padEnd, width } from '../text.ts';

export function markdownText(text: string): string {
  return harmless(text)
    .replaceAll(/[\\`*[\]|]/g, (character) => `\\${character}`)
    .replaceAll('<', '&lt;');
}

/** Inline code, fenced by more backticks than the text has in a row. */
export function code(text: string): string {
  const line = harmless(text).trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** Inline code for a table, where a bar ends the cell even within code. */
export function codeCell(text: string): string {
  return code(text).replaceAll('|', '\\|');
}

/** A link that shows its address. */
export function link(url: string): string {
  return `<${harmless(url).replaceAll(/[<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}>`;
}

/** Pads the columns, so that the source reads as a table too. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = titles.map((title, i) => Math.max(3, width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => padEnd(cell, widths[i] ?? 0)).join(' | ')} |`;
  return [line(titles), line(widths.map((cells) => '-'.repeat(cells))), ...rows.map(line)];
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
