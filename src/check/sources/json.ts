/** JSON with positions, with comments and trailing commas where people write them. The parser is loaded when it is needed. */
import type { Node } from 'jsonc-parser';
import { placesOf } from '../places.ts';
import { type SourceFile, Unreadable } from '../source.ts';

export interface JsonDocument {
  readonly root: Node | undefined;
  readonly at: (path: readonly (string | number)[]) => Node | undefined;
}

/** Throws `Unreadable`. */
export async function parseJson(file: SourceFile): Promise<JsonDocument> {
  const { parseTree, findNodeAtLocation, printParseErrorCode } = await import('jsonc-parser');
  const errors: import('jsonc-parser').ParseError[] = [];
  const root = parseTree(file.text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const { line, column } = placesOf(file)(first.offset, first.offset);
    throw new Unreadable(`is not valid JSON (${printParseErrorCode(first.error)})`, line, column);
  }
  return { root, at: (path) => (root ? findNodeAtLocation(root, [...path]) : undefined) };
}

/** A string as it stands in the file, every character in its place; null for what is none. */
export function stringOf(node: Node, { text }: SourceFile): { readonly text: string; readonly from: number } | null {
  if (node.type !== 'string') return null;
  const written = text.slice(node.offset + 1, node.offset + node.length - 1);
  // An escaped quote is a quote with a blank before it.
  return { text: written.replaceAll(/\\(["\\])/g, ' $1').replaceAll(/\\[nrt]/g, '  '), from: node.offset + 1 };
}
