import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- written by `npm run bench`: begin -->';
const END = '<!-- written by `npm run bench`: end -->';

/** Replaces the text between the two marks of a file; throws when they are missing. */
export function writeBetweenMarks(file, text) {
  const before = readFileSync(file, 'utf8');
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${file} has no marks to write the result between`);
  writeFileSync(file, `${before.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${before.slice(end)}`);
}
