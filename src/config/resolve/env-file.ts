import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { errnoOf } from '../../model/errno.ts';
import type { EnvFileInput, ServiceInput } from '../../model/service.ts';
import type { ConfigFinding, Path } from '../validate/finding.ts';

export interface EnvFiles {
  /** Absolute. */
  readonly files: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly findings: readonly ConfigFinding[];
}

/** Planned texts of files: absolute path → text. */
export type PlannedTexts = ReadonlyMap<string, string>;

/** Reads the env files of one service; a later file wins. `at`: the path of `envFile` in the config. */
export function readEnvFiles(declared: ServiceInput['envFile'], root: string, at: Path, future?: PlannedTexts): EnvFiles {
  const list = declared === undefined ? [] : isList(declared) ? declared : [declared];
  const files = list
    .map((one) => (typeof one === 'string' ? { path: one } : one))
    .map((one) => ({ ...one, path: path.resolve(root, one.path) }));
  const values: (readonly [string, string])[] = [];
  const findings: ConfigFinding[] = [];
  for (const [index, { path: file, required = true }] of files.entries()) {
    const text = future?.get(file) ?? readText(file);
    if (typeof text === 'string') values.push(...parseEnvFile(text));
    else if (required || !text.missing)
      findings.push({ path: isList(declared) ? [...at, index] : at, message: text.problem, value: undefined });
  }
  return { files: files.map((one) => one.path), values: Object.fromEntries(values), findings };
}

function isList(declared: ServiceInput['envFile']): declared is readonly EnvFileInput[] {
  return Array.isArray(declared);
}

/** `NAME=value` lines, quotes and `#` comments as Node's `--env-file` reads them. */
export function parseEnvFile(text: string): readonly (readonly [string, string])[] {
  const parsed = parseEnv(text.replace(/^\uFEFF/, ''));
  return Object.entries(parsed).flatMap(([name, value]) =>
    value === undefined || value.includes('\0') ? [] : [[lastLine(name), value] as const],
  );
}

/** Node 20 joins a line without `=` to the name that follows it; newer versions skip the line. */
function lastLine(name: string): string {
  return name.includes('\n') ? name.slice(name.lastIndexOf('\n') + 1).replace(/^\s*export\s+/, '') : name;
}

function readText(file: string): string | { readonly problem: string; readonly missing: boolean } {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: `names a file that does not exist: ${file}`, missing: true };
    if (code === 'EISDIR') return { problem: `names a folder, not a file: ${file}`, missing: false };
    if (code === 'EACCES' || code === 'EPERM') return { problem: `names a file that cannot be read: ${file}`, missing: false };
    throw error;
  }
}
