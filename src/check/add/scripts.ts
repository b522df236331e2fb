/** Scripts of a package.json named after a sibling (`dev:auth`, `start-auth`), and the lines of a Procfile. */
import { plainName } from '../../model/service-name.ts';
import { type Adder, endOfLine, insertLines, NOTHING } from './addition.ts';
import { adapt, renamingOf } from './entry.ts';
import { insertAfter, keyOf, type ObjectLiteral, parseJsonLiteral, propertyOf, sliceOf } from './literals.ts';
import { replaceName } from './rename.ts';

export const scriptsAdder: Adder = {
  name: 'package.json',
  matches: (path) => /(^|\/)package\.json$/.test(path),
  async add(file, addition) {
    if (!file.text.includes('"scripts"')) return NOTHING;
    const root = await parseJsonLiteral(file);
    const value = root.type === 'ObjectExpression' ? propertyOf(root, 'scripts')?.value : null;
    if (value?.type !== 'ObjectExpression') return NOTHING;
    const all = value as ObjectLiteral;
    for (const sibling of addition.siblings) {
      const renaming = renamingOf(sibling, addition);
      const fresh = all.properties.flatMap((member) => {
        const key = keyOf(member);
        const name = key === null ? null : replaceName(key, sibling.name, addition.service);
        if (member.type !== 'ObjectProperty' || name === null || name === key || propertyOf(all, name)) return [];
        const property = `${JSON.stringify(name)}: ${adapt(sliceOf(member.value, file.text), renaming)}`;
        return [{ member, property }];
      });
      const last = fresh.at(-1);
      if (!last) continue;
      const adjacent = fresh
        .map(({ member }) => all.properties.indexOf(member))
        .every((at, i, list) => i === 0 || at === (list[i - 1] ?? 0) + 1);
      if (!adjacent)
        return { insertions: fresh.flatMap(({ member, property }) => insertAfter(member, all, property, file.text)), files: [] };
      const [comma, line] = insertAfter(last.member, all, '\uFFFC', file.text);
      const where = line ?? comma;
      if (!where) continue;
      const text = fresh
        .map(({ property }, i) => (line && i < fresh.length - 1 ? `${where.text},` : where.text).replace('\uFFFC', () => property))
        .join('');
      return { insertions: [...(line && comma ? [comma] : []), { at: where.at, text }], files: [] };
    }
    return NOTHING;
  },
};

export const procfileAdder: Adder = {
  name: 'Procfile',
  matches: (path) => /(^|\/)Procfile(\.\w+)?$/.test(path),
  add({ text }, addition) {
    const lines = [...text.matchAll(/^([\w-]+):.*$/gm)];
    for (const sibling of addition.siblings) {
      const line = lines.find(([, name = '']) => addition.contract.named([name])?.name === sibling.name);
      if (!line) continue;
      const to = endOfLine(text, line.index);
      const written = text.slice(line.index, to);
      const ended = /\n$/.test(written) ? written : `${written}\n`;
      const copy = adapt(ended, renamingOf(sibling, addition));
      const own = copy.replace(/^[\w-]+(?=:)/, plainName(addition.service).replaceAll('.', '-'));
      return { insertions: [insertLines(text, to, own)], files: [] };
    }
    return NOTHING;
  },
};
