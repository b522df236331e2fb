/**
 * Finds the config: the named file, or the nearest config from the working directory upward, as far as the repository's root or the home
 * directory. cosmiconfig searches only a folder that may hold an rc file or a config in package.json.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { unless } from '../../model/errno.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { searchFolder } from './search.ts';
import { CONFIG_NAMES, RC_NAMES } from './source.ts';

export interface ConfigLocation {
  /** Absolute, real path. */
  readonly file: string;
  /** Folder of the config, to which its paths are relative. */
  readonly root: string;
}

export interface FindOptions {
  readonly cwd: string;
  /** `--config`: a file, relative to `cwd`. */
  readonly explicit: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Fails with E301 if there is no config, and with E302 if a named file does not exist or is of an unknown kind. */
export async function findConfig(options: FindOptions): Promise<Result<ConfigLocation, Failure>> {
  const named = options.explicit ?? (options.env['DEVUP_CONFIG'] || null);
  if (named !== null) return locateNamed(path.resolve(options.cwd, named));
  const from = realPath(options.cwd) ?? path.resolve(options.cwd);
  const home = realPath(options.home) ?? path.resolve(options.home);
  let folder = from;
  for (;;) {
    const names = listFolder(folder);
    const found = needsSearch(folder, names) ? await searchFolder(folder) : CONFIG_NAMES.find((name) => names.has(name));
    const file = found === undefined || found === null ? null : regularFile(path.join(folder, found));
    if (file !== null) return ok({ file, root: path.dirname(file) });
    if (names.has('.git') || folder === home || path.dirname(folder) === folder) break;
    folder = path.dirname(folder);
  }
  return fail({ code: 'E301', kind: 'config-not-found', from, stoppedAt: folder });
}

function locateNamed(file: string): Result<ConfigLocation, Failure> {
  const broken = (message: string) =>
    fail<Failure>({ code: 'E302', kind: 'config-broken', file, message, line: null, column: null, stack: null });
  const known =
    ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'].includes(path.extname(file)) ||
    path.basename(file) === '.orchestratorrc';
  const found = realPath(file);
  if (found === null) return broken('the file does not exist');
  if (regularFile(found) === null) return broken('it is a folder, not a file');
  if (!known) return broken('devup reads only these kinds of files: ts, mts, js, mjs, cjs, json, yaml, yml');
  return ok({ file: found, root: path.dirname(found) });
}

/** Whether cosmiconfig must search the folder. Reading `package.json` first is cheaper than loading a library at every start. */
function needsSearch(folder: string, names: ReadonlySet<string>): boolean {
  if (CONFIG_NAMES.some((name) => names.has(name))) return false;
  if (RC_NAMES.some((name) => names.has(name))) return true;
  return names.has('package.json') && mentionsOrchestrator(path.join(folder, 'package.json'));
}

function mentionsOrchestrator(file: string): boolean {
  return unless(['ENOENT', 'EACCES', 'EPERM', 'EISDIR'], () => readFileSync(file, 'utf8'))?.includes('"orchestrator"') ?? false;
}

/** The names in a folder; none if it does not exist or may not be read. */
export function listFolder(folder: string): ReadonlySet<string> {
  return new Set(unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'], () => readdirSync(folder)) ?? []);
}

function regularFile(file: string): string | null {
  return unless(['ENOENT', 'EACCES', 'ELOOP'], () => statSync(file))?.isFile() ? realPath(file) : null;
}

/** The path without symbolic links; null if nothing is there or it may not be read. */
export function realPath(file: string): string | null {
  return unless(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'], () => realpathSync.native(file));
}
