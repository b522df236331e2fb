/**
 * `devup add`: what is to be added, and how a kind of file takes it. An adder only reads: it finds where a sibling of the
 * new service stands, and answers with what has to be written beside it. Nothing is written from here.
 */
import type { Service } from '../../model/service.ts';
import type { Contract } from '../contract.ts';
import type { SourceFile } from '../source.ts';

export interface Addition {
  readonly service: string;
  readonly port: number;
  readonly category: string | null;
  /** Of the command line; null: as its sibling has it. */
  readonly command: string | null;
  readonly cwd: string | null;
  readonly description: string | null;
  /** The other services of the category, the nearest port first: the first one that a file has is the model there. */
  readonly siblings: readonly Service[];
  /** The config as it is. */
  readonly contract: Contract;
  /** Whether browsers open it, so that backends must let it in. */
  readonly isFrontend: boolean;
  /** What `devup docs` writes is written by it: its place in a Markdown file. */
  readonly generated: (text: string) => { readonly from: number; readonly to: number } | null;
  /** Relative to the config's folder. */
  readonly exists: (file: string) => boolean;
}

export interface Insertion {
  readonly at: number;
  readonly text: string;
}

export interface NewFile {
  readonly path: string;
  /** Whose file it is made after. */
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
  /** Nothing where no sibling stands. Throws `Uneditable`. */
  add(file: SourceFile, addition: Addition): Promise<Additions> | Additions;
}

export const NOTHING: Additions = { insertions: [], files: [] };

/** A sibling stands in the file, but not so that something could safely be written beside it. */
export class Uneditable extends Error {
  readonly at: number;
  /** What would have been written. */
  readonly snippet: string;

  constructor(message: string, at: number, snippet: string) {
    super(message);
    this.at = at;
    this.snippet = snippet;
  }
}

/** All of them; those at one place in their order. */
export function inserted(text: string, insertions: readonly Insertion[]): string {
  let out = '';
  let last = 0;
  for (const { at, text: more } of insertions.toSorted((a, b) => a.at - b.at)) {
    out += text.slice(last, at) + more;
    last = at;
  }
  return out + text.slice(last);
}

/** As the first line of the file ends. */
export function lineEnd(text: string): string {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}

/** The offset behind the line's end; of the last line perhaps the end of the text. */
export function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at + 1;
}

export function startOfLine(text: string, from: number): number {
  return text.lastIndexOf('\n', from - 1) + 1;
}

/** Whole lines behind a place that ends a line: a last line without an end gets one, and stays without. */
export function linesAt(text: string, at: number, lines: string): Insertion {
  if (at === 0 || text[at - 1] === '\n') return { at, text: lines };
  const end = lineEnd(text);
  return { at, text: end + lines.slice(0, lines.length - end.length) };
}
