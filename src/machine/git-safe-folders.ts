/**
 * The values of git's `safe.directory`: the folders in which this user wants files of other users to be run. As in git, only the
 * configuration of the system, of the user and of the environment counts: a repository cannot declare itself safe.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { unless } from '../model/errno.ts';
import { runTool } from './run.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SafeFolders {
  /** As written, in the order in which git reads them; an empty one cancels those before it. */
  readonly values: readonly string[];
  /** Whether git is installed. Without it, its files are read all the same, but there is no command that adds a folder. */
  readonly hasGit: boolean;
}

const GIT = ['/usr/bin/git', '/usr/local/bin/git', '/opt/homebrew/bin/git', 'git'];
/** Much longer than git takes to read its configuration, also on a busy machine. */
const LIMIT_MS = 10_000;

export async function gitSafeFolders(env: Environment, home: string): Promise<SafeFolders> {
  const scoped = await askGit('--show-scope');
  if (scoped.values) return { values: outsideRepositories(scoped.values), hasGit: true };
  const inEnvironment = valuesInEnvironment(env);
  if (scoped.isThere) {
    // Git before 2.26 has no scopes to show.
    const [system, user] = await Promise.all([askGit('--system'), askGit('--global')]);
    return { values: [...(system.values ?? []), ...(user.values ?? []), ...inEnvironment], hasGit: true };
  }
  const folder = env['XDG_CONFIG_HOME'] || path.join(home, '.config');
  const files = ['/etc/gitconfig', path.join(folder, 'git/config'), path.join(home, '.gitconfig')];
  return { values: [...files.flatMap(valuesInFile), ...inEnvironment], hasGit: false };
}

/** `values`: null if git does not know the option, or cannot be run. */
async function askGit(
  option: '--show-scope' | '--system' | '--global',
): Promise<{ readonly isThere: boolean; readonly values: readonly string[] | null }> {
  const { exitCode, stdout } = await runTool(GIT, ['config', option, '--includes', '--null', '--get-all', 'safe.directory'], LIMIT_MS);
  if (exitCode === 0) return { isThere: true, values: stdout.split('\0').slice(0, -1) };
  // 1: there is no such value.
  return { isThere: exitCode !== null, values: exitCode === 1 ? [] : null };
}

/** Each value follows its scope. */
function outsideRepositories(pairs: readonly string[]): readonly string[] {
  return pairs.filter((_, index) => index % 2 === 1 && ['system', 'global', 'command'].includes(pairs[index - 1] ?? ''));
}

function valuesInEnvironment(env: Environment): readonly string[] {
  const count = Number(env['GIT_CONFIG_COUNT'] ?? 0);
  if (!Number.isInteger(count) || count < 0 || count > 1000) return [];
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const value = env[`GIT_CONFIG_VALUE_${index}`];
    return env[`GIT_CONFIG_KEY_${index}`]?.toLowerCase() === 'safe.directory' && value !== undefined ? [value] : [];
  });
}

function valuesInFile(file: string): readonly string[] {
  const text = unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR'], () => readFileSync(file, 'utf8'));
  return text === null ? [] : valuesInText(text);
}

/** The lines `directory = …` below `[safe]`, as git and its manual write them. */
export function valuesInText(text: string): readonly string[] {
  let section = '';
  return text.split(/\r?\n/).flatMap((line) => {
    section = /^\s*\[\s*([\w.-]+)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? (/^\s*\[/.test(line) ? '' : section);
    const value = /^\s*(?:\[[^\]]*\]\s*)?directory\s*=\s*(.*?)\s*$/i.exec(line)?.[1];
    if (section !== 'safe' || value === undefined) return [];
    const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
    return [quoted === undefined ? value.replace(/\s*[#;].*$/, '') : quoted.replaceAll(/\\(.)/g, '$1')];
  });
}
