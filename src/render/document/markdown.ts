/** Text of a config as text of a Markdown file: it never becomes a mark of its own, nor a second line. */
import { harmless, padEnd, width } from '../text.ts';

export function markdownText(text: string): string {
  return harmless(text)
    .replaceAll(/[\\`*[\]|]/g, (character) => `\\${character}`)
    .replaceAll('<', '&lt;');
}

/** As code: fenced by more backticks than the text has in a row. */
export function code(text: string): string {
  const line = harmless(text).trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** In a table a bar ends the cell, also within code. */
export function codeCell(text: string): string {
  return code(text).replaceAll('|', '\\|');
}

/** An address that readers see and can follow. */
export function link(url: string): string {
  return `<${harmless(url).replaceAll(/[<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}>`;
}

/** Columns as wide as their widest cell, so that the source is a table as well. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = titles.map((title, i) => Math.max(3, width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => padEnd(cell, widths[i] ?? 0)).join(' | ')} |`;
  return [line(titles), line(widths.map((cells) => '-'.repeat(cells))), ...rows.map(line)];
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
