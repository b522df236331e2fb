/**
 * How the packages of a folder are installed, by its lock file, and whether a service's output says that one is missing. A command is only
 * suggested for the language whose package is missing.
 */
type Language = 'node' | 'python' | 'ruby' | 'php' | 'go' | 'rust' | 'elixir';

export interface Install {
  readonly command: string;
  /** The folder in which to type it. */
  readonly folder: string;
}

/** A workspace has its lock file in a folder above the lists of its packages, so lists only count where no lock file is found. */
export type InstallFile = 'lock' | 'list';
type Row = readonly [file: string, language: Language, command: string];

const LOCKS: readonly Row[] = [
  ['pnpm-lock.yaml', 'node', 'pnpm install'],
  ['yarn.lock', 'node', 'yarn install'],
  ['bun.lock', 'node', 'bun install'],
  ['bun.lockb', 'node', 'bun install'],
  ['package-lock.json', 'node', 'npm ci'],
  ['npm-shrinkwrap.json', 'node', 'npm ci'],
  ['uv.lock', 'python', 'uv sync'],
  ['poetry.lock', 'python', 'poetry install'],
  ['pdm.lock', 'python', 'pdm install'],
  ['Pipfile.lock', 'python', 'pipenv sync'],
  ['Gemfile.lock', 'ruby', 'bundle install'],
  ['composer.lock', 'php', 'composer install'],
  ['go.sum', 'go', 'go mod download'],
  ['Cargo.lock', 'rust', 'cargo fetch'],
  ['mix.lock', 'elixir', 'mix deps.get'],
];
const LISTS: readonly Row[] = [
  ['package.json', 'node', 'npm install'],
  ['requirements.txt', 'python', 'pip install -r requirements.txt'],
];

/** The programs that come with a language's packages, so that one of them may be missing. */
const HAS_PROGRAMS: readonly Language[] = ['node', 'python', 'ruby', 'php'];

const MISSING: Readonly<Record<Language, RegExp>> = {
  // A path, as in `Cannot find module './db'`, is a file of the project.
  node: /\bCannot find (?:module|package) ['"](?![./]|[A-Za-z]:\\|file:)|Module not found: .*\bCan't resolve ['"](?![./])|Failed to resolve import "(?![./])/,
  python: /\bNo module named\b/,
  ruby: /\bcannot load such file -- (?![./])|\bBundler::GemNotFound\b|\bCould not find .{1,200} in (?:any of the sources|locally installed gems)/,
  php: /vendor\/autoload\.php/,
  go: /\bno required module provides package\b|\bmissing go\.sum entry\b/,
  rust: /\bno matching package named\b/,
  elixir: /\bUnchecked dependencies\b|\bthe dependency is not available\b/,
};

/** A shell prints this about a program, as the last or only part of a line. */
const NO_PROGRAM = /^(?:\S*\/)?\w*sh: .*: not found$|: command not found(?::|$)|is not recognized as an internal or external command/;

/** Languages of which the output says that a package is missing. */
export function missingPackages(lines: readonly string[], exitCode: number | null): readonly Language[] {
  const said = lines.map((line) => line.trimEnd());
  const languages = (Object.keys(MISSING) as Language[]).filter((language) => said.some((line) => MISSING[language].test(line)));
  if (languages.length > 0) return languages;
  return exitCode === 127 || said.some((line) => NO_PROGRAM.test(line)) ? HAS_PROGRAMS : [];
}

export interface MissingPackages {
  readonly languages: readonly Language[];
  /** The program that was not found: if it is the tool itself, that installs nothing. */
  readonly program: string | null;
}

export function wantedFor(program: string): MissingPackages {
  return { languages: HAS_PROGRAMS, program };
}

/** `exists`: whether the folder has the file. */
export function installIn(
  folder: string,
  kind: InstallFile,
  { languages, program }: MissingPackages,
  exists: (file: string) => boolean,
): Install | null {
  const row = (kind === 'lock' ? LOCKS : LISTS).find(
    ([file, language, command]) => languages.includes(language) && toolOf(command) !== program && exists(file),
  );
  return row ? { command: row[2], folder } : null;
}

function toolOf(command: string): string {
  return command.slice(0, command.indexOf(' '));
}
