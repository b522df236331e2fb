/**
 * Documents: tables with a port column, local addresses anywhere, and commands and assignments in code blocks. A document with such a
 * table is about ports, so there `port 8002` in a sentence counts as well.
 */
import type { ListingReference, PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { type Places, placesOf } from '../places.ts';
import type { PortSource, SourceFile } from '../source.ts';
import { referencesOfCommand } from './command-line.ts';
import { assignments } from './env.ts';
import { addressesIn, isLocal, lineAround } from './scan.ts';

type Root = ReturnType<typeof import('mdast-util-from-markdown').fromMarkdown>;
type Nodes = Root | Root['children'][number];
type Table = Extract<Nodes, { type: 'table' }>;

export const markdown: PortSource = {
  name: 'Markdown',
  matches: (path) => /\.(md|markdown|mdx)$/i.test(path) && !/(^|\/)CHANGELOG\.md$/i.test(path),
  mayHavePorts: (text) => LOCAL_ADDRESS.test(text) || mayHaveTable(text) || ASSIGNED.test(text),
  async read(file) {
    // Without tables and code blocks, the document's structure does not matter.
    if (!mayHaveTable(file.text) && !/^\s*(```|~~~)/m.test(file.text)) return localAddresses(file.text, 0, placesOf(file));
    if (isTangled(file.text)) throw new RangeError('more marks than the parser reads in reasonable time');
    const root = await parse(file);
    const places = placesOf(file);
    const all = [...descendants(root)];
    const tables = all.flatMap((node) => (node.type === 'table' ? tableReferences(node, file, places) : []));
    const isPortDocument = tables.some(({ kind }) => kind === 'port');
    const texts = all.flatMap((node) => nodeReferences(node, { file, places, isPortDocument, heading: headingBefore(all, node, file) }));
    return [...tables, ...texts];
  },
};

const LOCAL_ADDRESS = /(localhost|127\.0\.0\.1|0\.0\.0\.0):\d/;
/** A table of ports has a line with bars and the word "port" or "range". */
function mayHaveTable(text: string): boolean {
  for (const [line] of text.matchAll(/^.*\b(?:ports?|ranges?)\b.*$/gim)) if (line.includes('|')) return true;
  return false;
}

/** A finding quotes this much of a cell. */
const LONGEST_CELL = 400;

/** An assignment or a command in a code block. */
const ASSIGNED = /^\s*(export )?\w*(PORT|HOSTS|ORIGINS)\w*=|--port\b|\brunserver\b/m;

/** People's paragraphs have fewer marks. The parser's time grows with the square of their number. */
const MOST_MARKS = 4000;
/** People's quotes nest less deeply. */
const MOST_QUOTES = 100;

function isTangled(text: string): boolean {
  let marks = 0;
  let inCode = false;
  for (const line of text.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    if (inCode) continue;
    // Here a paragraph ends: at a blank line, a row of a table, an item of a list, a heading.
    if (/^\s*($|[-*+] |\d{1,9}[.)] |#)|\|/.test(line)) marks = 0;
    marks += line.match(/[[\]*_]/g)?.length ?? 0;
    if (marks > MOST_MARKS || (/^[\s>]*/.exec(line)?.[0].match(/>/g)?.length ?? 0) > MOST_QUOTES) return true;
  }
  return false;
}

async function parse({ text }: SourceFile): Promise<Nodes> {
  const [{ fromMarkdown }, { gfmTable }, { gfmTableFromMarkdown }] = await Promise.all([
    import('mdast-util-from-markdown'),
    import('micromark-extension-gfm-table'),
    import('mdast-util-gfm-table'),
  ]);
  return fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
}

function* descendants(node: Nodes): Generator<Nodes> {
  yield node;
  if (!('children' in node)) return;
  for (const child of node.children) yield* descendants(child);
}

/** A table with a column `Port`: the cells of its rows, and the columns of name and port. */
export interface PortTable {
  readonly from: number;
  readonly titles: readonly string[];
  readonly name: number;
  readonly port: number;
  readonly rows: readonly (readonly (readonly [number, number])[])[];
}

export async function tablesIn(file: SourceFile): Promise<readonly PortTable[]> {
  const nodes = mayHaveTable(file.text) ? [...descendants(await parse(file))] : [];
  return nodes.flatMap((node) => {
    if (node.type !== 'table') return [];
    const { titles, rows, port, name } = columns(node, file);
    return port === -1 || name === -1 ? [] : [{ from: node.position?.start.offset ?? 0, titles, name, port, rows }];
  });
}

function columns(table: Table, file: SourceFile) {
  const [header, ...rows] = table.children.map((row) => row.children.map((cell) => span(cell)));
  const titles = (header ?? []).map(([from, to]) => plain(file.text.slice(from, to)).toLowerCase());
  const port = titles.findIndex((title) => /^((dev(elopment)?|local|default|host|external|published) )?ports?( number)?$/.test(title));
  return { titles, rows, port, name: titles.findIndex((_, i) => i !== port) };
}

/** The references in the rows of a port table. */
function tableReferences(table: Table, file: SourceFile, places: Places): readonly Reference[] {
  const { titles, rows, port: portColumn, name: nameColumn } = columns(table, file);
  const rangeColumn = titles.findIndex((title) => /^(port )?ranges?$/.test(title));
  if (rangeColumn !== -1) return rows.flatMap((row) => rangeReferences(row, rangeColumn, file, places));
  if (portColumn === -1 || nameColumn === -1) return [];
  const entries: ListingReference['entries'][number][] = [];
  const ports = rows.flatMap((cells): readonly PortReference[] => {
    const [name, cell] = [cells[nameColumn], cells[portColumn]];
    if (!name || !cell) return [];
    const called = plain(file.text.slice(...name));
    entries.push({ name: called, place: places(...name) });
    const text = file.text.slice(...cell);
    const row = `${called} | ${text.slice(0, LONGEST_CELL)}`;
    return [...text.matchAll(/(?<![\w.-])\d{2,5}(?![\w.-])/g)].flatMap(({ 0: digits, index }) => {
      const port = parsePort(digits);
      const from = cell[0] + index;
      if (port === null) return [];
      return [
        {
          kind: 'port',
          use: 'table',
          place: places(from, from + digits.length),
          port,
          host: null,
          names: [called],
          text: row,
        },
      ];
    });
  });
  const [first] = entries;
  return first ? [...ports, { kind: 'listing', of: 'document', place: first.place, entries }] : [];
}

/** `3000-3099` or `3000–3099`, with the row's other cells as names. */
function rangeReferences(
  row: readonly (readonly [number, number])[],
  column: number,
  file: SourceFile,
  places: Places,
): readonly Reference[] {
  const [start = 0, end = 0] = row[column] ?? [];
  const match = /(\d{2,5})\s*(?:-|–|to)\s*(\d{2,5})/.exec(file.text.slice(start, end));
  const [from, to] = [parsePort(match?.[1] ?? ''), parsePort(match?.[2] ?? '')];
  if (!match || from === null || to === null) return [];
  const names = row.filter((_, i) => i !== column).map((cell) => plain(file.text.slice(...cell)));
  return [{ kind: 'range', place: places(start + match.index, start + match.index + match[0].length), from, to, names }];
}

/** The range of a cell without its bars; an empty cell begins after its bar. */
function span(cell: Nodes): readonly [number, number] {
  const inner = 'children' in cell ? cell.children : [];
  const empty = (cell.position?.start.offset ?? 0) + 1;
  return [inner[0]?.position?.start.offset ?? empty, inner.at(-1)?.position?.end.offset ?? empty];
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[*`]|(?<!\w)_|_(?!\w)/g, '')
    .trim();
}

interface Context {
  readonly file: SourceFile;
  readonly places: Places;
  readonly isPortDocument: boolean;
  readonly heading: string;
}

function nodeReferences(node: Nodes, around: Context): readonly Reference[] {
  const { file, places } = around;
  const from = node.position?.start.offset ?? 0;
  const text = file.text.slice(from, node.position?.end.offset ?? 0);
  if (node.type === 'code') {
    const first = text.indexOf('\n') + 1;
    const language = node.lang?.toLowerCase() ?? '';
    if (/^(env|dotenv|ini|properties)$/.test(language))
      return assignments(file, from + first, from + text.length, ownersIn(around.heading));
    if (/^(sh|bash|shell|console|zsh|)$/.test(language)) return shellReferences(text.slice(first), from + first, around);
    return localAddresses(text, from, places);
  }
  if (node.type === 'link') return localAddresses(linkOnly(text), from, places);
  if (/^(inlineCode|html|image|definition)$/.test(node.type)) return localAddresses(text, from, places);
  if (node.type !== 'text') return [];
  return [...localAddresses(text, from, places), ...(around.isPortDocument ? mentionedPorts(text, from, places) : [])];
}

/** The target of a link without its text, which is a separate node. */
function linkOnly(text: string): string {
  const at = text.lastIndexOf('](');
  return at === -1 ? '' : ' '.repeat(at) + text.slice(at);
}

function localAddresses(text: string, from: number, places: Places): readonly PortReference[] {
  return addressesIn(text)
    .filter(({ host }) => isLocal(host))
    .map((address) => ({
      kind: 'port',
      use: 'target',
      place: places(from + address.from, from + address.to),
      port: address.port,
      host: address.host,
      names: [],
      text: lineAround(text, address.from).trim(),
    }));
}

/** `port 8002` and `Port: 8002`: only numbers that resemble the config's ports count. */
function mentionedPorts(text: string, start: number, places: Places): readonly PortReference[] {
  return [...text.matchAll(/\bport:?\s+(\d{2,5})\b/gi)].flatMap((match) => {
    const [whole, digits = ''] = match;
    const port = parsePort(digits);
    const from = start + match.index + whole.length - digits.length;
    if (port === null) return [];
    return [
      { kind: 'port', use: 'target', place: places(from, from + digits.length), port, host: null, names: [], text: whole, loose: true },
    ];
  });
}

/** `cd folder` names the service of the commands after it. */
function shellReferences(code: string, from: number, { places, heading, isPortDocument }: Context): readonly Reference[] {
  let names = ownersIn(heading);
  let offset = from;
  return code.split('\n').flatMap((line) => {
    const at = offset;
    offset += line.length + 1;
    const folder = /^\s*(?:\$ )?cd\s+(\S+)/.exec(line)?.[1];
    if (folder !== undefined) names = [folder.replace(/\/$/, '').split('/').at(-1) as string];
    const comment = line.search(/(^|\s)#/);
    const text = comment === -1 ? line : line.slice(0, comment);
    // Documents show commands in passing: a port without an owner counts only if it resembles one of the config's.
    const found = referencesOfCommand({ text, from: at, places, names }).map((one) =>
      one.kind === 'port' && one.use === 'listen' && one.names.length === 0 ? { ...one, loose: true } : one,
    );
    const asked = isPortDocument ? [...text.matchAll(/\s:(\d{2,5})\b/g)] : [];
    return [
      ...found.filter((one) => one.kind !== 'unresolved'),
      ...asked.flatMap((match): readonly PortReference[] => {
        const [whole, digits = ''] = match;
        const port = parsePort(digits);
        const place = places(at + match.index + whole.length - digits.length, at + match.index + whole.length);
        return port === null ? [] : [{ kind: 'port', use: 'target', place, port, host: null, names: [], text: line.trim(), loose: true }];
      }),
    ];
  });
}

function headingBefore(all: readonly Nodes[], node: Nodes, file: SourceFile): string {
  if (node.type !== 'code') return '';
  const before = all.slice(0, all.indexOf(node)).findLast(({ type }) => type === 'heading');
  return before ? file.text.slice(before.position?.start.offset ?? 0, before.position?.end.offset ?? 0) : '';
}

/** `### backend/.env` → `backend`. */
function ownersIn(heading: string): readonly string[] {
  const folder = /([\w.-]+)\/\.env/.exec(heading)?.[1];
  return folder === undefined ? [] : [folder];
}
