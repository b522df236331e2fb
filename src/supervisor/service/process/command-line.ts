/**
 * Turns a command of the config into an argv, without a shell between devup and the service where possible. A simple command of plain words
 * is run directly. A simple command with expansions or redirections runs in `sh -c` behind `exec`, which replaces the shell. Any other
 * shell syntax runs in `sh -c` as written.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Platform } from '../../../model/platform.ts';
import type { Command } from '../../../model/service.ts';
import { isAssignment, isRedirection, parseSimpleCommand } from './simple-command.ts';

export interface Argv {
  readonly argv: readonly [string, ...string[]];
  /** Assignments in front of a simple command (`FOO=1 node x.js`). */
  readonly env: Readonly<Record<string, string>>;
}

/** Builtins and keywords of the shell. A program of the same name is missing or behaves differently. */
const SHELL_WORDS = new Set(
  `. : [ alias bg break case cd command continue do done echo elif else esac eval exec exit export false fg fi for function getopts
  hash if in jobs kill local printf pwd read readonly return set shift source test then time times trap true type ulimit umask
  unalias unset until wait while ! { }`.split(/\s+/),
);

export function argvOf(command: Command, { shell }: Pick<Platform, 'shell'>): Argv {
  if (command.kind === 'argv') return { argv: command.argv, env: {} };
  const { line } = command;
  const asWritten: Argv = { argv: shell.argv(line), env: {} };
  if (!shell.isPosix) return asWritten;
  const words = parseSimpleCommand(line);
  const first = words?.findIndex((word) => !isAssignment(word)) ?? -1;
  const program = words?.[first];
  if (!words || !program || isRedirection(program) || SHELL_WORDS.has(program.raw) || SHELL_WORDS.has(program.text ?? '')) return asWritten;
  const texts = words.map(({ text }) => text).filter((text) => text !== null);
  const [name, ...args] = texts.slice(first);
  if (texts.length < words.length || name === undefined) {
    return { argv: shell.argv(`${line.slice(0, program.start)}exec ${line.slice(program.start)}`), env: {} };
  }
  const env = Object.fromEntries(
    texts.slice(0, first).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
  return { argv: [name, ...args], env };
}

/**
 * The PATH of a service: `node_modules/.bin`, `.venv/bin` and `venv/bin` (Windows: `Scripts`) from `cwd` upward, nearest first,
 * then `path`.
 */
export function searchPath(cwd: string, path: string, platform: Pick<Platform, 'venvPrograms'>): string {
  return [...foldersOf(cwd, platform.venvPrograms), path].filter(Boolean).join(delimiter);
}

/** Results are kept for one turn of the event loop, in which a wave of services is spawned, most of them in the same folder. */
const found = new Map<string, readonly string[]>();

function foldersOf(cwd: string, venvPrograms: string): readonly string[] {
  const known = found.get(cwd);
  if (known) return known;
  if (found.size === 0) process.nextTick(() => found.clear());
  const folders: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const candidate of [
      join(folder, 'node_modules', '.bin'),
      join(folder, '.venv', venvPrograms),
      join(folder, 'venv', venvPrograms),
    ]) {
      if (existsSync(candidate)) folders.push(candidate);
    }
    if (dirname(folder) === folder) break;
  }
  found.set(cwd, folders);
  return folders;
}

/**
 * Finds the program's file as the system would. `denied`: files of that name exist, but none may be executed. Null: there is no such file.
 */
export function findProgram(
  name: string,
  cwd: string,
  path: string,
  { programEndings }: Pick<Platform, 'programEndings'>,
): { readonly file: string } | { readonly denied: string } | null {
  const folders = name.includes('/') || isAbsolute(name) ? [''] : path.split(delimiter).filter(Boolean);
  let denied: string | null = null;
  for (const folder of folders) {
    for (const ending of programEndings) {
      const file = folder === '' ? resolve(cwd, name + ending) : join(resolve(cwd, folder), name + ending);
      const access = accessTo(file);
      if (access === 'executable') return { file };
      if (access === 'denied' || (access === 'unseen' && folder === '')) denied ??= file;
    }
  }
  return denied === null ? null : { denied };
}

/** `unseen`: the folder may not be entered, so it is unknown whether the file exists. */
function accessTo(file: string): 'executable' | 'denied' | 'unseen' | 'none' {
  try {
    if (!statSync(file).isFile()) return 'none';
  } catch (error) {
    return isDenial(error) ? 'unseen' : 'none';
  }
  try {
    accessSync(file, constants.X_OK);
    return 'executable';
  } catch (error) {
    return isDenial(error) ? 'denied' : 'none';
  }
}

function isDenial(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) throw error;
  return error.code === 'EACCES' || error.code === 'EPERM';
}
