/** JSON with positions; comments and trailing commas are allowed. The parser loads when it is first needed. */
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

/** The string as written, with every character in its place; null for other nodes. */
export function stringOf(node: Node, { text }: SourceFile): { readonly text: string; readonly from: number } | null {
  if (node.type !== 'string') return null;
  const written = text.slice(node.offset + 1, node.offset + node.length - 1);
  // An escaped quote becomes a blank and a quote, which keeps the offsets.
  return { text: written.replaceAll(/\\(["\\])/g, ' $1').replaceAll(/\\[nrt]/g, '  '), from: node.offset + 1 };
}
