/** YAML with positions, anchors and merges followed. Sources import this file when they need it: the parser is large. */
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

/** A node and what it leads to; everything that is not there is empty. */
export interface Yaml {
  readonly get: (...keys: readonly string[]) => Yaml;
  /** Of a map, merged ones behind its own. */
  readonly entries: () => readonly Entry[];
  readonly items: () => readonly Yaml[];
  /** A text or a number that stands in the file as it is; null for all else (escapes, folded lines). */
  readonly scalar: () => Text | null;
  readonly exists: boolean;
  readonly isMap: boolean;
  /** From where to where it stands. */
  readonly range: readonly [number, number] | null;
}

/** One of each document of the file. Throws `Unreadable`. */
export function parseYaml(file: SourceFile): readonly Yaml[] {
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

/** Deeper than people write; ends anchors that lead to themselves. */
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
  const quoted = /^["']/.test(text[start] ?? '');
  const slice = quoted ? text.slice(start + 1, end - 1) : text.slice(start, end);
  if (typeof node.value === 'string' ? slice !== node.value : typeof node.value !== 'number' && typeof node.value !== 'boolean')
    return null;
  return { text: slice, from: quoted ? start + 1 : start };
}
