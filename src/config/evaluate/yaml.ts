/** YAML, and JSON read as YAML: `JSON.parse` does not report the positions of values. */
import type { Document, LineCounter } from 'yaml';
import { BrokenSource } from '../find/source.ts';
import type { Path, Position } from '../validate/finding.ts';

type Yaml = typeof import('yaml');

/** Null for an empty file. Throws `BrokenSource`, also for duplicate keys. */
export async function parseYaml(text: string): Promise<unknown> {
  const { document } = open(text, (await import('yaml')).default);
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // An unknown alias, or too many of them.
    if (error instanceof ReferenceError) throw new BrokenSource(error.message, null, null);
    throw error;
  }
}

/**
 * The file with every scalar as the text that is written: `0123`, `1.10` and `True` stay what they are. For a file that
 * `parseYaml` reads.
 */
export async function parseTexts(text: string): Promise<unknown> {
  const { parseDocument } = (await import('yaml')).default;
  const document = parseDocument(withoutMark(text), { schema: 'failsafe', merge: true, uniqueKeys: false, logLevel: 'silent' });
  return document.toJS() as unknown;
}

/** Finds the position of a path in the file. A path that is absent gets the position of its nearest parent. */
export async function locateIn(text: string): Promise<(path: Path) => Position | null> {
  const { default: yaml } = await import('yaml');
  const { document, lines } = open(text, yaml);
  return (path) => {
    let node: unknown = document.contents;
    let offset = yaml.isNode(node) ? (node.range?.[0] ?? null) : null;
    for (const key of path) {
      const at = step(document, node, key, yaml);
      if (at === null) break;
      offset = at.offset ?? offset;
      node = at.node;
    }
    return offset === null ? null : position(lines, offset);
  };
}

function step(
  document: Document,
  node: unknown,
  key: string | number,
  { isAlias, isMap, isNode, isScalar, isSeq }: Yaml,
): { readonly node: unknown; readonly offset: number | undefined } | null {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isMap(target)) {
    const pair = target.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key));
    return pair === undefined ? null : { node: pair.value, offset: isNode(pair.key) ? pair.key.range?.[0] : undefined };
  }
  if (!isSeq(target)) return null;
  const item = target.items[Number(key)];
  return { node: item, offset: isNode(item) ? item.range?.[0] : undefined };
}

function open(text: string, { LineCounter, parseDocument }: Yaml): { readonly document: Document; readonly lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(withoutMark(text), { lineCounter: lines, merge: true, prettyErrors: false });
  const error = document.errors[0];
  if (error === undefined) return { document, lines };
  const reference = unquotedReference(text, error.pos[0]);
  const { line, column } = position(lines, error.pos[0] - (reference === null ? 0 : 1));
  throw new BrokenSource(reference ?? error.message, line, column);
}

/** In a flow map or list, the `{` of an unquoted `${port}` begins a map, which YAML reports in terms of its tokens. */
function unquotedReference(written: string, offset: number): string | null {
  const [reference] = /^\$\{[^{}\r\n]*\}/.exec(withoutMark(written).slice(offset - 1)) ?? [];
  return reference === undefined ? null : `between { } or [ ], YAML reads "${reference}" as a map: quote it, as in "…${reference}…"`;
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
