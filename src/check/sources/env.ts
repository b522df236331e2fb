/** `.env`, `.env.local`, `.env.example`, …: lines of NAME=value. */
import type { Reference } from '../../model/drift.ts';
import { placesOf } from '../places.ts';
import type { PortSource, SourceFile } from '../source.ts';
import { isEnvFile } from '../walk.ts';
import { referencesOfVariable } from './variables.ts';

export const envFiles: PortSource = {
  name: 'env',
  matches: (path) => isEnvFile(path.slice(path.lastIndexOf('/') + 1)),
  read: (file) => assignments(file, 0, file.text.length, []),
};

/** A quoted value may span several lines, as long as none of them is an assignment. */
const LINE =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*((["'`])(?:(?!\3)[^\n])*(?:\n(?![ \t]*(?:export[ \t]+)?[A-Za-z_][\w.]*[ \t]*=)(?:(?!\3)[^\n])*)*\3.*|.*)$/gm;

/** The assignments between two offsets of a file. `names`: the service that they belong to, if the file names it. */
export function assignments(file: SourceFile, from: number, to: number, names: readonly string[]): readonly Reference[] {
  const places = placesOf(file);
  return [...file.text.slice(from, to).matchAll(LINE)].flatMap((match) => {
    const [whole, name = '', rest = ''] = match;
    const { value, skipped } = unquoted(rest);
    return referencesOfVariable({ name, value, from: from + match.index + whole.length - rest.length + skipped }, { places, names });
  });
}

/** Removes quotes, or a trailing comment. */
function unquoted(rest: string): { readonly value: string; readonly skipped: number } {
  const quote = /^["'`]/.exec(rest)?.[0];
  const end = quote ? rest.indexOf(quote, 1) : -1;
  if (end > 0) return { value: rest.slice(1, end), skipped: 1 };
  return { value: rest.replace(/(^|[ \t])#.*$/, '').trimEnd(), skipped: 0 };
}
