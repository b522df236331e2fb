/** `.env` files: copies the lines that name a sibling and contain its port (`AUTH_PORT=`, `VITE_AUTH_URL=`) for the new service. */
import { isEnvFile } from '../walk.ts';
import { type Adder, endOfLine, type Insertion, insertLines, lineEnd, NOTHING } from './addition.ts';
import { renamingOf } from './entry.ts';
import { renameService, replaceName, replacePort } from './rename.ts';
import { blankSecrets } from './secrets.ts';

export const variablesAdder: Adder = {
  name: '.env',
  matches: (path) => isEnvFile(path.slice(path.lastIndexOf('/') + 1)),
  add({ text }, addition) {
    const lines = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[^\r\n]*/gm)];
    const taken = new Set(lines.map(([, name]) => name));
    for (const sibling of addition.siblings) {
      const renaming = renamingOf(sibling, addition);
      const fresh = lines.flatMap(({ 0: line, 1: name = '', index }) => {
        const own = replaceName(name, sibling.name, addition.service);
        const assigned = line.slice(line.indexOf('=') + 1);
        if (own === name || taken.has(own) || replacePort(assigned, renaming) === assigned) return [];
        const copy = renameService(line, renaming);
        return blankSecrets(copy) === copy ? [{ copy, from: index, to: endOfLine(text, index) }] : [];
      });
      if (fresh.length === 0) continue;
      const end = lineEnd(text);
      const insertions: Insertion[] = [];
      let pending = '';
      for (const [i, { copy, to }] of fresh.entries()) {
        pending += copy + end;
        if (fresh[i + 1]?.from === to) continue;
        insertions.push(insertLines(text, to, pending));
        pending = '';
      }
      return { insertions, files: [] };
    }
    return NOTHING;
  },
};
