/** YAML with positions; anchors and merges are followed. Sources import this module dynamically, since the parser is large. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type Scalar, type YAMLMap } from 'yaml';
import { placesOf } from '../places.ts';
import { type SourceFile, Unreadable } from '../source.ts';

export interface Text {
  /** As written, without quotes. */
  readonly text: string;
  readonly from: number;
}

export interface Entry extends Text {
  readonly value: Yaml;
}

/** A node and the nodes below it; everything missing is an empty node. */
export interface Yaml {
  readonly get: (...keys: readonly string[]) => Yaml;
  /** The entries of a map, merged ones after its own. */
  readonly entries: () => readonly Entry[];
  readonly items: () => readonly Yaml[];
  /** A string or number as written: escapes, line ends and indentation are kept, so that every character has its place. */
  readonly scalar: () => Text | null;
  readonly exists: boolean;
  readonly isMap: boolean;
  /** Start and end offset. */
  readonly range: readonly [number, number] | null;
}

/** One root node per document in the file. Throws `Unreadable`. */
export function parseYamlNodes(file: SourceFile): readonly Yaml[] {
  const documents = parseAllDocuments(file.text, { logLevel: 'silent', uniqueKeys: false });
  if (!Array.isArray(documents)) return [];
  return (documents as Document.Parsed[]).map((document) => {
    const [error] = document.errors;
    if (error) {
      const { line, column } = placesOf(file)(error.pos[0], error.pos[0]);
      throw new Unreadable(
        `is not valid YAML (${error.code === 'TAB_AS_INDENT' ? 'a tab as indentation' : (error.message.split(' at line')[0] ?? '').toLowerCase()})`,
        line,
        column,
      );
    }
    return wrap(document.contents, { document, file }, 0);
  });
}

interface Context {
  readonly document: Document.Parsed;
  readonly file: SourceFile;
}

/** Deeper than people write; ends anchors that refer to themselves. */
const DEEPEST = 64;

function wrap(given: unknown, context: Context, depth: number): Yaml {
  const { document } = context;
  const node = depth > DEEPEST ? null : isAlias(given) ? given.resolve(document) : (given as Node | null);
  const next = (inner: unknown) => wrap(inner, context, depth + 1);
  const self: Yaml = {
    exists: node !== null && node !== undefined,
    isMap: isMap(node),
    range: node?.range ? [node.range[0], node.range[1]] : null,
    get: (...keys) => keys.reduce<Yaml>((at, key) => at.entries().find(({ text }) => text === key)?.value ?? next(null), self),
    entries: () => (isMap(node) ? entriesOf(node, context, next) : []),
    items: () => (isSeq(node) ? node.items.map(next) : []),
    scalar: () => (isScalar(node) ? written(node, context.file) : null),
  };
  return self;
}

function entriesOf(map: YAMLMap, { file }: Context, next: (node: unknown) => Yaml): readonly Entry[] {
  const own: Entry[] = [];
  const merged: Entry[] = [];
  for (const { key, value } of map.items as Pair[]) {
    const name = isScalar(key) ? keyOf(key, file) : null;
    if (name === null) continue;
    if (name.text !== '<<') own.push({ ...name, value: next(value) });
    else {
      const source = next(value);
      for (const one of source.isMap ? [source] : source.items()) merged.push(...one.entries());
    }
  }
  return [...own, ...merged.filter(({ text }) => !own.some((one) => one.text === text))];
}

function keyOf(key: Scalar, file: SourceFile): Text | null {
  return written(key, file) ?? (key.range ? { text: String(key.value), from: key.range[0] } : null);
}

function written(node: Scalar, { text }: SourceFile): Text | null {
  if (!node.range) return null;
  const [start, end] = node.range;
  if (!['string', 'number', 'boolean'].includes(typeof node.value)) return null;
  if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') {
    // The text begins below the line of its `|` or `>`.
    const from = text.indexOf('\n', start) + 1;
    return from === 0 || from > end ? null : { text: text.slice(from, end), from };
  }
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  return quoted ? { text: text.slice(start + 1, end - 1), from: start + 1 } : { text: text.slice(start, end), from: start };
}
