/** Markdown: adds a row for the new service to the table that contains its siblings' ports. */
import { normalName } from '../names.ts';
import { markdown as source, tablesIn } from '../sources/markdown.ts';
import { type Adder, type Addition, endOfLine, insertLines, lineEnd, NOTHING, startOfLine, Uneditable } from './addition.ts';
import { renamingOf } from './entry.ts';
import { replaceName, replacePort } from './rename.ts';

export const tableAdder: Adder = {
  name: 'Markdown',
  matches: source.matches,
  async add(file, addition) {
    if (!source.mayHavePorts?.(file.text)) return NOTHING;
    const generated = addition.generated(file.text);
    const tables = (await tablesIn(file)).filter(({ from }) => generated === null || from < generated.from || from > generated.to);
    for (const sibling of addition.siblings) {
      for (const { rows, name, port, titles } of tables) {
        const keyOf = (one: readonly Cell[]): RowKey => ({ name: one[name], port: one[port] });
        const row = rows.find((one) => isRowOf(keyOf(one), sibling, file.text, addition));
        if (!row) continue;
        const [first] = row;
        const from = startOfLine(file.text, first?.[0] ?? 0);
        const to = endOfLine(file.text, from);
        const line = file.text.slice(from, to).replace(/\r?\n$/, '');
        const peers = rows.filter((one) => addition.siblings.some((other) => isRowOf(keyOf(one), other, file.text, addition)));
        const cells = row.map((cell, i) => {
          const text = file.text.slice(...cell);
          if (i === name) return nameCell(text, sibling.name, addition);
          if (i === port) return replacePort(text, renamingOf(sibling, addition));
          if (/^(description|purpose|what)$/i.test(titles[i] ?? '')) return addition.description ?? '';
          // A cell that is the same in all siblings' rows is copied.
          return peers.length > 1 && peers.every((one) => file.text.slice(...(one[i] ?? [0, 0])) === text) ? text : '';
        });
        const copy = rowLike(
          line,
          row.map(([start, end]) => [start - from, end - from] as const),
          cells,
        );
        if (copy === null) throw new Uneditable('has a table that cannot be extended', from, cells.join(' | '));
        return { insertions: [insertLines(file.text, to, copy + lineEnd(file.text))], files: [] };
      }
    }
    return NOTHING;
  },
};

type Cell = readonly [number, number];

/** The cells that identify the service of a row. */
interface RowKey {
  readonly name: Cell | undefined;
  readonly port: Cell | undefined;
}

function isRowOf({ name, port }: RowKey, sibling: Addition['siblings'][number], text: string, { contract }: Addition): boolean {
  if (!name || !port) return false;
  const called = text.slice(...name).replaceAll(/[*`]/g, '');
  const named = contract.named([called]);
  if (named) return named.name === sibling.name;
  const number = /(?<![\w.-])\d{2,5}(?![\w.-])/.exec(text.slice(...port))?.[0];
  return number !== undefined && Number(number) === sibling.ports[0]?.port;
}

/** The new name in the markup and style of the sibling's cell. */
function nameCell(cell: string, sibling: string, { service }: Addition): string {
  const called = cell.replaceAll(/[*`]/g, '').trim();
  const fresh = replaceName(called, sibling, service);
  const same = normalName(called) === normalName(sibling) && fresh !== called;
  const own = same ? fresh : /[A-Z ]/.test(called) ? titleCase(service) : service;
  return cell.replace(called, () => own);
}

function titleCase(name: string): string {
  return name
    .split(/[-_.]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ');
}

/** The line with new cells, padded to the old widths where they fit. */
function rowLike(line: string, places: readonly Cell[], cells: readonly string[]): string | null {
  let out = '';
  let last = 0;
  for (const [i, [from, to]] of places.entries()) {
    const [start, end] = from === to && line[from] === ' ' && line[from + 1] === ' ' ? [from + 1, to + 1] : [from, to];
    if (end < start || start < last || end > line.length) return null;
    const fresh = cells[i] ?? '';
    const padding = /^ */.exec(line.slice(end))?.[0].length ?? 0;
    const width = end - start + padding;
    out += line.slice(last, start) + fresh + ' '.repeat(Math.max(padding > 0 ? 1 : 0, width - fresh.length));
    last = end + padding;
  }
  return out + line.slice(last);
}
