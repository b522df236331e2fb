import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { errnoOf } from '../../model/errno.ts';
import type { ServiceInput } from '../../model/service.ts';
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
  const list = declared === undefined ? [] : typeof declared === 'string' ? [declared] : declared;
  const values: (readonly [string, string])[] = [];
  const findings: ConfigFinding[] = [];
  for (const [index, name] of list.entries()) {
    const file = path.resolve(root, name);
    const text = future?.get(file) ?? readText(file);
    if (typeof text === 'string') values.push(...parseEnvFile(text));
    else findings.push({ path: typeof declared === 'string' ? at : [...at, index], message: text.problem, value: undefined });
  }
  return { files: list.map((name) => path.resolve(root, name)), values: Object.fromEntries(values), findings };
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

function readText(file: string): string | { readonly problem: string } {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: `names a file that does not exist: ${file}` };
    if (code === 'EISDIR') return { problem: `names a folder, not a file: ${file}` };
    if (code === 'EACCES' || code === 'EPERM') return { problem: `names a file that cannot be read: ${file}` };
    throw error;
  }
}
