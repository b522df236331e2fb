/**
 * Configs that are data: JSON (also inside package.json) and YAML. The parsed value is kept as JSON under the hash of
 * the text, so that an unchanged file needs no parser; where in the file something stands is found out only when
 * there is a problem to report.
 */
import path from 'node:path';
import { BrokenSource, type Source } from '../find/source.ts';
import type { Path, Position } from '../validate/finding.ts';
import type { Cache } from './cache.ts';
import { locateIn, parseYaml } from './yaml.ts';

export function isData(file: string): boolean {
  return ['.json', '.yaml', '.yml', ''].includes(path.extname(file)) || path.basename(file) === '.orchestratorrc';
}

/** Null for a package.json without `orchestrator`, and for an empty file. Throws `BrokenSource`. */
export async function readData(source: Source, cache: Cache, version: string): Promise<{ readonly value: unknown } | null> {
  const key = [version, 'data', path.basename(source.file), source.text];
  const kept = cache.read(key);
  if (kept !== null) return JSON.parse(kept) as { readonly value: unknown };
  const isJson = path.extname(source.file) === '.json';
  const plain = isJson ? parseJson(source.text) : undefined;
  if (isPackage(source.file)) {
    return typeof plain === 'object' && plain !== null && Object.hasOwn(plain, 'orchestrator')
      ? { value: (plain as Record<string, unknown>)['orchestrator'] }
      : null;
  }
  // JSON.parse takes the last of two equal keys without a word: a service would be lost.
  const value = await parseYaml(source.text);
  const result = value === null ? null : { value: isJson ? plain : value };
  if (result !== null) cache.write(key, JSON.stringify(result));
  return result;
}

/** Where a path of the value stands in the file. */
export async function locator(source: Source): Promise<(path: Path) => Position | null> {
  const locate = await locateIn(source.text);
  return (wanted) => locate(isPackage(source.file) ? ['orchestrator', ...wanted] : wanted);
}

function isPackage(file: string): boolean {
  return path.basename(file) === 'package.json';
}

function parseJson(file: string): unknown {
  const text = file.replace(/^\uFEFF/, '');
  const error = jsonError(text);
  if (error === null) return JSON.parse(text);
  const found = /\bposition (\d+)/.exec(error);
  const at = found ? Number(found[1]) : error.startsWith(badToken) ? firstBadToken(text) : text.trimEnd().length;
  const before = text.slice(0, at).split('\n');
  const message = error
    .replace(/ in JSON at position.*$/s, '')
    .replace(/, (?:\.\.\.)?".*is not valid JSON$/s, '')
    .replace(/^Unexpected end of JSON input$/, 'Unexpected end of the file');
  throw new BrokenSource(message, before.length, (before.at(-1) as string).length + 1);
}

const badToken = 'Unexpected token';

/** Of a token that belongs nowhere V8 shows the surroundings, not the place: it is the last character of the shortest text that is wrong in this way. */
function firstBadToken(text: string): number {
  let [fine, wrong] = [0, text.length];
  while (wrong - fine > 1) {
    const middle = (fine + wrong) >> 1;
    if (jsonError(text.slice(0, middle))?.startsWith(badToken)) wrong = middle;
    else fine = middle;
  }
  return wrong - 1;
}

function jsonError(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message;
  }
}
