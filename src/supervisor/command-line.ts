/**
 * How a command of the config becomes an argv. A string that is one simple command must not leave a shell standing
 * between us and the service: plain words are run directly, words that need a shell only to be expanded or redirected
 * run behind `exec`, and real shell syntax runs in `sh -c` as written.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Command } from '../model/service.ts';

export interface Invocation {
  readonly argv: readonly [string, ...string[]];
  /** Assignments in front of a simple command (`FOO=1 node x.js`). */
  readonly env: Readonly<Record<string, string>>;
}

/** What a shell must see itself: control operators, substitutions, loops. */
const CONTROL = /[|&;()`\n]|\$\(/;
/** What a shell must expand or redirect. */
const EXPANSION = /[$*?[\]{}~<>\\#!]/;
const BUILTINS = new Set([
  '.',
  ':',
  '[',
  'alias',
  'bg',
  'case',
  'cd',
  'command',
  'eval',
  'exec',
  'exit',
  'export',
  'for',
  'function',
  'if',
  'read',
  'set',
  'source',
  'time',
  'trap',
  'ulimit',
  'umask',
  'unset',
  'until',
  'wait',
  'while',
  '!',
  '{',
]);

export function invocation(command: Command, platform: string): Invocation {
  if (command.kind === 'argv') return { argv: command.argv, env: {} };
  if (platform === 'win32') return { argv: [process.env['ComSpec'] ?? 'cmd.exe', '/d', '/s', '/c', `"${command.line}"`], env: {} };
  const words = simpleWords(command.line);
  const env: Record<string, string> = {};
  let first = 0;
  for (; words && first < words.length; first++) {
    const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(words[first] as string);
    if (!assignment) break;
    env[assignment[1] as string] = assignment[2] as string;
  }
  const argv = words?.slice(first);
  if (argv && isArgv(argv) && !BUILTINS.has(argv[0])) return { argv, env };
  return { argv: ['sh', '-c', withExec(command.line)], env: {} };
}

function isArgv(words: readonly string[]): words is readonly [string, ...string[]] {
  return words.length > 0;
}

/** The words of a line that needs no shell at all; null when it does. Quotes group, nothing is expanded. */
export function simpleWords(line: string): readonly string[] | null {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s'"]+|'[^']*'|"[^"]*")+)/gy;
  for (let at = 0; at < line.trimEnd().length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(line.trimEnd());
    if (!match) return null;
    let word = '';
    for (const part of (match[1] as string).match(/[^'"]+|'[^']*'|"[^"]*"/g) ?? []) {
      if (part.startsWith("'")) word += part.slice(1, -1);
      else if (part.startsWith('"')) {
        if (/[$`\\!]/.test(part)) return null;
        word += part.slice(1, -1);
      } else if (CONTROL.test(part) || EXPANSION.test(part)) return null;
      else word += part;
    }
    words.push(word);
  }
  return words;
}

/** `exec` in front of one simple command that a shell must expand; the line as it is when it is more than that. */
function withExec(line: string): string {
  const bare = line.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, (quoted) => (quoted.startsWith('"') && /\$\(|`/.test(quoted) ? '`' : 'q'));
  const first = /^\s*((?:[A-Za-z_]\w*=\S*\s+)*)(\S+)/.exec(line);
  if (CONTROL.test(bare) || !first || BUILTINS.has(first[2] as string)) return line;
  return `${first[1]}exec ${line.slice(first.index + first[0].length - (first[2] as string).length)}`;
}

/** `node_modules/.bin`, `.venv/bin` and `venv/bin` (Windows: `Scripts`) from `cwd` upward, nearest first, then PATH. */
export function searchPath(cwd: string, path: string, platform: string): string {
  const bin = platform === 'win32' ? 'Scripts' : 'bin';
  const folders: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const candidate of [join(folder, 'node_modules', '.bin'), join(folder, '.venv', bin), join(folder, 'venv', bin)]) {
      if (existsSync(candidate)) folders.push(candidate);
    }
    if (dirname(folder) === folder) break;
  }
  return [...folders, path].filter(Boolean).join(delimiter);
}

/** The program's file, as the system would find it; null when there is none that may be executed. */
export function findProgram(name: string, cwd: string, path: string, platform: string): string | null {
  const endings = platform === 'win32' ? ['', '.exe', '.cmd', '.bat', '.com'] : [''];
  const folders = name.includes('/') || isAbsolute(name) ? [''] : path.split(delimiter).filter(Boolean);
  for (const folder of folders) {
    for (const ending of endings) {
      const file = folder === '' ? resolve(cwd, name + ending) : join(resolve(cwd, folder), name + ending);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
