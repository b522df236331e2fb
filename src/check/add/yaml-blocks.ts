/** Entries of YAML maps as text: the lines of an entry, and where to insert another one in the same style. */
import type { Entry, Yaml } from '../sources/yaml.ts';
import { endOfLine, type Insertion, insertLines, lineEnd, startOfLine } from './addition.ts';

export interface Block {
  /** Whole lines with their line ends; in a flow map the entry alone. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Whether the map has braces: `{ a: …, b: … }`. */
  readonly flow: boolean;
  readonly indent: string;
}

/** Null for an entry that is not written here: an alias, or a key that shares its line with others. */
export function blockOf(entry: Entry, parent: Yaml, text: string): Block | null {
  const [start, end] = parent.range ?? [0, 0];
  const [valueStart, valueEnd] = entry.value.range ?? [entry.from, endOfLine(text, entry.from)];
  if (entry.from < start || entry.from > end || valueStart < entry.from || text[valueStart] === '*') return null;
  if (text[start] === '{') {
    const key = /["']/.test(text[entry.from - 1] ?? '') ? entry.from - 1 : entry.from;
    return { text: text.slice(key, valueEnd), from: key, to: valueEnd, flow: true, indent: indentOf(text, key) };
  }
  const from = startOfLine(text, entry.from);
  const indent = indentOf(text, from);
  if (!/^["']?$/.test(text.slice(from + indent.length, entry.from))) return null;
  const to = trimTail(text, from, endOfLine(text, Math.max(entry.from, valueEnd - 1)), indent.length);
  return { text: text.slice(from, to), from, to, flow: false, indent };
}

/** Cuts off trailing blank lines and less indented comments, which belong to the next entry. */
function trimTail(text: string, from: number, to: number, depth: number): number {
  let end = to;
  for (;;) {
    const start = startOfLine(text, end - (text[end - 1] === '\n' ? 1 : 0));
    const line = text.slice(start, end);
    const isTail = /^\s*$/.test(line) || (/^[ \t]*#/.test(line) && indentOf(line, 0).length <= depth);
    if (start <= from || !isTail) return end;
    end = start;
  }
}

export function indentOf(text: string, from: number): string {
  return /^[ \t]*/.exec(text.slice(startOfLine(text, from)))?.[0] ?? '';
}

/** Inserts `entry` (written like `block.text`) after the block, with a blank line between if other entries have one. */
export function insertAfterBlock(block: Block, entry: string, text: string): Insertion {
  if (block.flow) {
    const alone = /^[ \t]*$/.test(text.slice(startOfLine(text, block.from), block.from));
    return { at: block.to, text: alone ? `,${lineEnd(text)}${block.indent}${entry}` : `, ${entry}` };
  }
  const end = lineEnd(text);
  const lines = /\n$/.test(entry) ? entry : entry + end;
  const before = /\n[ \t]*\r?\n$/.test(text.slice(0, block.from));
  const after = /^[ \t]*\r?\n(?=[ \t]*\r?\n*[ \t]*\S)/.test(text.slice(block.to)) && nextIsSibling(text.slice(block.to), block.indent);
  return insertLines(text, block.to, before || after ? end + lines : lines);
}

function nextIsSibling(rest: string, indent: string): boolean {
  const next = rest.split('\n').find((line) => line.trim() !== '' && !/^[ \t]*#/.test(line));
  return next !== undefined && indentOf(next, 0) === indent;
}

/** An anchor may be defined only once, so copies have none. */
export function withoutAnchors(text: string): string {
  return text.replaceAll(/(?<=:)[ \t]+&[\w-]+(?=[ \t]*\r?$)/gm, '').replaceAll(/((?:^|[\s:[{,-])[ \t]*)&[\w-]+(?=\s)[ \t]?/gm, '$1');
}
