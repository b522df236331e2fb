import path from 'node:path';
import type { EnvFileInput, FileWarning, ServiceInput } from '../../model/service.ts';
import { readRegularFile } from '../find/regular-file.ts';
import type { ConfigFinding, Path } from '../validate/finding.ts';
import { readLines } from './env-lines.ts';
import { replaceReferences } from './env-references.ts';

export interface EnvFiles {
  /** Absolute. */
  readonly files: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly findings: readonly ConfigFinding[];
}

/** Planned texts of files: absolute path → text. */
export type PlannedTexts = ReadonlyMap<string, string>;

export interface EnvFilesContext {
  /** Relative paths start here. */
  readonly root: string;
  /** Path of `envFile` in the config. */
  readonly at: Path;
  readonly future?: PlannedTexts | undefined;
  /** The environment of the command, for references. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onWarning: (warning: FileWarning) => void;
}

/** Reads the env files of one service; a later file wins. A reference sees earlier lines and files first, then `env`. */
export function readEnvFiles(declared: ServiceInput['envFile'], context: EnvFilesContext): EnvFiles {
  const { root, at, future, env, onWarning } = context;
  const list = declared === undefined ? [] : isList(declared) ? declared : [declared];
  const files = list
    .map((one) => (typeof one === 'string' ? { path: one } : one))
    .map((one) => ({ ...one, path: path.resolve(root, one.path) }));
  const values = new Map<string, string>();
  const findings: ConfigFinding[] = [];
  for (const [index, { path: file, required = true, expand = true }] of files.entries()) {
    const text = future?.get(file) ?? readText(file);
    if (typeof text !== 'string') {
      if (text.special && !required) onWarning({ file, line: null, message: `${text.special} and was skipped` });
      else if (required || !text.missing)
        findings.push({ path: isList(declared) ? [...at, index] : at, message: text.problem, value: undefined });
      continue;
    }
    const { lines, problems } = text.includes('\0') ? UTF_16 : readLines(text);
    for (const problem of problems) onWarning({ file, ...problem });
    for (const { name, value, line, literal } of lines) {
      const replaced =
        expand && !literal ? replaceReferences(value, (wanted) => values.get(wanted) ?? env[wanted]) : { value, problems: [] };
      for (const message of replaced.problems) onWarning({ file, line, message: `${name} ${message}` });
      values.set(name, replaced.value);
    }
  }
  return { files: files.map((one) => one.path), values: Object.fromEntries(values), findings };
}

/** A text has no NUL, except where two bytes make a character: what PowerShell's `>` writes. */
const UTF_16 = { lines: [], problems: [{ line: 1, message: 'is UTF-16: nothing in it is read; save it as UTF-8' }] };

function isList(declared: ServiceInput['envFile']): declared is readonly EnvFileInput[] {
  return Array.isArray(declared);
}

const LARGEST_BYTES = 1024 * 1024;

/** `special`: what it is instead of a file of usual size. */
function readText(file: string): string | { readonly problem: string; readonly missing: boolean; readonly special: string | null } {
  const read = readRegularFile(file, LARGEST_BYTES);
  if (typeof read === 'string') return read;
  const not = (problem: string, special: string | null = null) => ({ problem: `names ${problem}: ${file}`, missing: false, special });
  switch (read.why) {
    case 'missing':
      return { ...not('a file that does not exist'), missing: true };
    case 'denied':
      return not('a file that cannot be read');
    case 'folder':
      return not(read.what);
    case 'special':
      return not(read.what, `is ${read.what}`);
    case 'too-large':
      return not(`a file that is ${read.what}`, `is ${read.what}`);
    default:
      return read satisfies never;
  }
}
