/**
 * `devup add`: the new service, and how a kind of file takes it. An adder only reads: it finds the entry of a sibling of the new
 * service, and returns the text to write beside it.
 */
import type { Service } from '../../model/service.ts';
import type { Contract } from '../contract.ts';
import type { SourceFile } from '../source.ts';

export interface Addition {
  readonly service: string;
  readonly port: number;
  readonly category: string | null;
  /** From the command line; null: as for its sibling. */
  readonly command: string | null;
  readonly cwd: string | null;
  readonly description: string | null;
  /** The other services of the category, nearest port first. The first of them that a file contains is the model there. */
  readonly siblings: readonly Service[];
  /** The contract before the addition. */
  readonly contract: Contract;
  /** Browsers open the service, so backends must allow its origin. */
  readonly isFrontend: boolean;
  /** The range of a Markdown file that `devup docs` writes; adders leave it alone. */
  readonly generated: (text: string) => { readonly from: number; readonly to: number } | null;
  /** Takes a path relative to the config's folder. */
  readonly exists: (file: string) => boolean;
}

export interface Insertion {
  readonly at: number;
  readonly text: string;
}

export interface NewFile {
  readonly path: string;
  /** The sibling whose file is copied. */
  readonly model: string;
  readonly text: string;
}

export interface Additions {
  readonly insertions: readonly Insertion[];
  readonly files: readonly NewFile[];
}

export interface Adder {
  readonly name: string;
  matches(path: string): boolean;
  /** Returns `NOTHING` if the file contains no sibling. Throws `Uneditable`. */
  add(file: SourceFile, addition: Addition): Promise<Additions> | Additions;
}

export const NOTHING: Additions = { insertions: [], files: [] };

/** The file contains a sibling, but there is no safe place beside it. */
export class Uneditable extends Error {
  readonly at: number;
  /** The text to add by hand. */
  readonly snippet: string;

  constructor(message: string, at: number, snippet: string) {
    super(message);
    this.at = at;
    this.snippet = snippet;
  }
}

/** The text with all insertions; those at the same place keep their order. */
export function applyInsertions(text: string, insertions: readonly Insertion[]): string {
  let out = '';
  let last = 0;
  for (const { at, text: more } of insertions.toSorted((a, b) => a.at - b.at)) {
    out += text.slice(last, at) + more;
    last = at;
  }
  return out + text.slice(last);
}

/** The line end of the file's first line. */
export function lineEnd(text: string): string {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}

/** The offset after the line's end; the end of the text for a last line without one. */
export function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at + 1;
}

export function startOfLine(text: string, from: number): number {
  return text.lastIndexOf('\n', from - 1) + 1;
}

/** Inserts whole lines after the end of a line. If the text ends without a line end, so does the result. */
export function insertLines(text: string, at: number, lines: string): Insertion {
  if (at === 0 || text[at - 1] === '\n') return { at, text: lines };
  const end = lineEnd(text);
  return { at, text: end + lines.slice(0, lines.length - end.length) };
}
