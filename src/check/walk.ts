/**
 * Lists the files below the config's folder that may say something about ports. Folders of generated or installed files (packages, builds,
 * virtual environments) are left out, and so are ignored files, except `.env` files: programs read those although git ignores them. A
 * folder with its own config is another stack.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { errnoOf } from '../model/errno.ts';
import { readJson } from '../model/json.ts';
import { readTextFile } from './read.ts';

export interface WalkOptions {
  readonly root: string;
  /** Whether to list a file; depends on the path alone. */
  readonly wanted: (path: string) => boolean;
}

const FOREIGN = new Set(
  'node_modules bower_components vendor dist build out target coverage venv env site-packages __pycache__ bin obj Pods'.split(' '),
);
/** Most folders whose names begin with a dot belong to tools; people write the files in these. */
const DOTTED = new Set(['.devcontainer', '.github', '.config', '.docker', '.k8s', '.vscode']);
const CONFIG = /^(orchestrator\.config\.\w+|\.orchestratorrc(\.\w+)?)$/;

/** A config may be a part of package.json. An unreadable file contains no config. */
function holdsConfig(file: string): boolean {
  const read = readTextFile(file);
  if (typeof read === 'string' || !read.text.includes('"orchestrator"')) return false;
  const parsed = readJson(read.text);
  return typeof parsed === 'object' && parsed !== null && 'orchestrator' in parsed;
}

/** Paths relative to the root, with `/`, in a stable order. Rejects only when the root itself cannot be read. */
export function walk({ root, wanted }: WalkOptions): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string, ignored: readonly IgnoreFile[]) => {
    const entries = list(path.join(root, folder), folder === '');
    const isFile = (wanted: string) =>
      entries.some((entry) => entry.name === wanted && kindOf(entry, path.join(root, folder, wanted)) === 'file');
    const holds = () => isFile('package.json') && holdsConfig(path.join(root, folder, 'package.json'));
    if (folder !== '' && (entries.some(({ name }) => CONFIG.test(name)) || holds())) return;
    const rules = isFile('.gitignore') ? [...ignored, ignoreFile(root, folder)] : ignored;
    for (const entry of entries) {
      const at = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const kind = kindOf(entry, path.join(root, at));
      if (kind === 'folder') {
        if (isForeign(entry.name) || isIgnored(rules, `${at}/`)) continue;
        // Links are not followed: the target is visited at its own path, or lies outside the repository.
        if (!entry.isSymbolicLink()) visit(at, rules);
      } else if (kind !== null && wanted(at) && (isEnvFile(entry.name) || !isIgnored(rules, at))) found.push(at);
    }
  };
  visit('', []);
  return found;
}

export function isEnvFile(name: string): boolean {
  return /^\.env(\..+)?$|\.env$/.test(name);
}

function isForeign(name: string): boolean {
  return FOREIGN.has(name) || (name.startsWith('.') && !DOTTED.has(name));
}

function list(folder: string, mustExist: boolean): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = errnoOf(error);
    if (!mustExist && (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')) return [];
    throw error;
  }
}

/** `special`: a FIFO, a device or a socket, which the reader names. */
function kindOf(entry: Dirent, full: string): 'file' | 'folder' | 'special' | null {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'special';
  try {
    const stat = statSync(full);
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'special';
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EACCES' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** A `.gitignore` and the folder that it applies to. */
interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

function ignoreFile(root: string, folder: string): IgnoreFile {
  const read = readTextFile(path.join(root, folder, '.gitignore'));
  const rules = ignore({ ignorecase: false, allowRelativePaths: true });
  return { folder, rules: typeof read === 'string' ? rules : rules.add(read.text) };
}

/** The nearest `.gitignore` that has a pattern for the path decides. */
function isIgnored(files: readonly IgnoreFile[], at: string): boolean {
  for (const { folder, rules } of files.toReversed()) {
    const { ignored, unignored } = rules.test(folder === '' ? at : at.slice(folder.length + 1));
    if (ignored || unignored) return ignored;
  }
  return false;
}
