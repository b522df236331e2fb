/**
 * Configs that are data: YAML, JSON with or without comments, and JSON inside package.json. The parsed value is cached under the hash of the text, so
 * that an unchanged file needs no YAML parser. Positions are computed only when there is a problem to report.
 */
import path from 'node:path';
import { BrokenSource, type Source } from '../find/source.ts';
import { type Path, type Position, valueAt } from '../validate/finding.ts';
import type { Cache } from './cache.ts';
import { locateIn, parseTexts, parseYaml } from './yaml.ts';

export function isData(file: string): boolean {
  return ['.json', '.yaml', '.yml', ''].includes(path.extname(file)) || path.basename(file) === '.orchestratorrc';
}

/** Null for a package.json without `orchestrator`, and for an empty file. Throws `BrokenSource`. */
export async function readData(source: Source, cache: Cache, version: string): Promise<{ readonly value: unknown } | null> {
  const key = [version, 'data', path.basename(source.file), source.text];
  const cached = cache.read(key);
  if (cached !== null) return JSON.parse(cached) as { readonly value: unknown };
  const text = await withoutComments(source);
  const isJson = path.extname(source.file) === '.json';
  const plain = isJson ? parseJson(text) : undefined;
  if (isPackage(source.file)) {
    if (!isRecord(plain) || !Object.hasOwn(plain, 'orchestrator')) return null;
    const inPackage = async () => valueAt(await parseTexts(text), ['orchestrator']);
    return { value: withoutExtensions(await withWrittenEnv(plain['orchestrator'], inPackage)) };
  }
  // JSON.parse silently keeps the last of two equal keys, which would lose a service.
  const value = await parseYaml(text);
  const result = value === null ? null : { value: withoutExtensions(await withWrittenEnv(isJson ? plain : value, () => parseTexts(text))) };
  if (result !== null) cache.write(key, JSON.stringify(result));
  return result;
}

/** Comments of JSON as blanks, so that every place in the text stays the same. YAML, and the package.json of npm, have none such. */
async function withoutComments({ file, text }: Source): Promise<string> {
  const isRc = path.basename(file) === '.orchestratorrc';
  if ((path.extname(file) !== '.json' && !isRc) || isPackage(file) || !/\/[/*]/.test(text) || jsonError(withoutMark(text)) === null)
    return text;
  const { stripComments } = await import('jsonc-parser');
  const stripped = stripComments(text, ' ');
  // An rc file may be YAML, in which a value can contain two slashes.
  return isRc && jsonError(withoutMark(stripped)) !== null ? text : stripped;
}

/** Keys such as `x-defaults` hold parts that YAML anchors share, or notes, as in Compose files. */
function withoutExtensions(config: unknown): unknown {
  return isRecord(config) ? Object.fromEntries(Object.entries(config).filter(([key]) => !key.startsWith('x-'))) : config;
}

/** A variable is text. As numbers, `0123`, `1.10` and a long id would reach the service as 123, 1.1 and another id. */
async function withWrittenEnv(config: unknown, texts: () => Promise<unknown>): Promise<unknown> {
  const services = valueAt(config, ['services']);
  if (!isRecord(config) || !isRecord(services) || !Object.values(services).some((service) => hasNumbers(valueAt(service, ['env']))))
    return config;
  const written = await texts();
  const mended = Object.entries(services).map(([name, service]) => {
    const env = valueAt(service, ['env']);
    if (!isRecord(service) || !isRecord(env)) return [name, service] as const;
    const values = Object.entries(env).map(([variable, value]) => {
      const text = isNumberOrFlag(value) ? valueAt(written, ['services', name, 'env', variable]) : undefined;
      return [variable, typeof text === 'string' ? text : value] as const;
    });
    return [name, { ...service, env: Object.fromEntries(values) }] as const;
  });
  return { ...config, services: Object.fromEntries(mended) };
}

function hasNumbers(env: unknown): boolean {
  return isRecord(env) && Object.values(env).some(isNumberOrFlag);
}

function isNumberOrFlag(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Finds the position of a path in the file. */
export async function locator(source: Source): Promise<(path: Path) => Position | null> {
  const locate = await locateIn(await withoutComments(source));
  return (wanted) => locate(isPackage(source.file) ? ['orchestrator', ...wanted] : wanted);
}

function isPackage(file: string): boolean {
  return path.basename(file) === 'package.json';
}

function parseJson(file: string): unknown {
  const text = withoutMark(file);
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

/**
 * V8 reports the text around a misplaced token, not its position. The token ends the shortest prefix with the same error,
 * which a binary search finds.
 */
function firstBadToken(text: string): number {
  let [valid, invalid] = [0, text.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (jsonError(text.slice(0, middle))?.startsWith(badToken)) invalid = middle;
    else valid = middle;
  }
  return invalid - 1;
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
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
