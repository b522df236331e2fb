/**
 * Finds the config: the named file, or the nearest config from the working directory upward, as far as the repository's root, the home
 * directory, or below a folder in which every user can write. cosmiconfig searches only a folder that may hold an rc file or a config in package.json.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { unless } from '../../model/errno.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { realPath } from './real-path.ts';
import { LARGEST_CONFIG_BYTES, readRegularFile, regularFileRefusal } from './regular-file.ts';
import { searchFolder } from './search.ts';
import { CONFIG_NAMES, RC_NAMES } from './source.ts';
import { type FileOwners, isOpenToAll, refuseForeign } from './trust.ts';

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
  readonly owners: FileOwners;
  /** Called for a file with the name of a config that is not read; `message` is a phrase without the file. */
  readonly onSkipped?: (file: string, message: string) => void;
}

/**
 * Fails with E301 if there is no config, with E302 if a named file does not exist or is of an unknown kind, and with E307 if the nearest
 * config belongs to another user.
 */
export async function findConfig(options: FindOptions): Promise<Result<ConfigLocation, Failure>> {
  const named = options.explicit ?? (options.env['DEVUP_CONFIG'] || null);
  if (named !== null) return locateNamed(path.resolve(options.cwd, named));
  const from = realPath(options.cwd) ?? path.resolve(options.cwd);
  const home = realPath(options.home) ?? path.resolve(options.home);
  let folder = from;
  let openFolder: string | null = null;
  for (;;) {
    const names = listFolder(folder);
    const configs = CONFIG_NAMES.filter((name) => names.has(name));
    const others = configs.length > 0 ? [] : readable(folder, [...RC_NAMES, 'package.json'], names, options);
    const found = needsSearch(folder, others) ? await searchFolder(folder, others) : readable(folder, configs, names, options)[0];
    const file = found === undefined || found === null ? null : regularFile(path.join(folder, found));
    if (file !== null) {
      const refused = await refuseForeign(path.join(folder, path.basename(found as string)), file, options);
      return refused ? fail(refused) : ok({ file, root: path.dirname(file) });
    }
    const above = path.dirname(folder);
    if (names.has('.git') || folder === home || above === folder) break;
    if (isOpenToAll(above, options)) {
      openFolder = above;
      break;
    }
    folder = above;
  }
  return fail({ code: 'E301', kind: 'config-not-found', from, stoppedAt: folder, ...(openFolder === null ? {} : { openFolder }) });
}

function locateNamed(file: string): Result<ConfigLocation, Failure> {
  const broken = (message: string) =>
    fail<Failure>({ code: 'E302', kind: 'config-broken', file, message, line: null, column: null, stack: null });
  const known =
    ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'].includes(path.extname(file)) ||
    path.basename(file) === '.orchestratorrc';
  const found = realPath(file);
  if (found === null) return broken('the file does not exist');
  const refusal = regularFileRefusal(found, LARGEST_CONFIG_BYTES);
  if (refusal && 'what' in refusal) return broken(`it is ${refusal.what}`);
  if (!known) return broken('devup reads only these kinds of files: ts, mts, js, mjs, cjs, json, yaml, yml');
  return ok({ file: found, root: path.dirname(found) });
}

/** Whether cosmiconfig must search the folder. Reading `package.json` first is cheaper than loading a library at every start. */
function needsSearch(folder: string, names: readonly string[]): boolean {
  if (names.some((name) => RC_NAMES.includes(name))) return true;
  return names.includes('package.json') && mentionsOrchestrator(path.join(folder, 'package.json'));
}

function mentionsOrchestrator(file: string): boolean {
  const read = readRegularFile(file, LARGEST_CONFIG_BYTES);
  return typeof read === 'string' && read.includes('"orchestrator"');
}

/** Those of the wanted names that are files, in their order. Reports what is neither a file nor a folder, and files that are too large. */
function readable(
  folder: string,
  wanted: readonly string[],
  names: ReadonlySet<string>,
  { onSkipped }: Pick<FindOptions, 'onSkipped'>,
): readonly string[] {
  return wanted.filter((name) => {
    if (!names.has(name)) return false;
    const refusal = regularFileRefusal(path.join(folder, name), LARGEST_CONFIG_BYTES);
    if (refusal === null) return true;
    if ('what' in refusal && refusal.why !== 'folder') onSkipped?.(path.join(folder, name), `is ${refusal.what}`);
    return false;
  });
}

/** The names in a folder; none if it does not exist or may not be read. */
export function listFolder(folder: string): ReadonlySet<string> {
  return new Set(unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'], () => readdirSync(folder)) ?? []);
}

function regularFile(file: string): string | null {
  return unless(['ENOENT', 'EACCES', 'ELOOP'], () => statSync(file))?.isFile() ? realPath(file) : null;
}
