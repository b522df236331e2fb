/** A repository may contain links to files outside: what devup writes must not follow them. */
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { unless } from '../model/errno.ts';

/**
 * Whether the file's path is inside the repository of `root` (its folder with `.git`, or `root` itself), but leads out of it through a link,
 * or into `.git`, where git keeps what it runs. The file need not exist.
 */
export function leavesRepository(root: string, file: string): boolean {
  const realRoot = realpathSync(root);
  const repository = repositoryOf(realRoot);
  const named = path.resolve(realRoot, path.relative(path.resolve(root), path.resolve(root, file)));
  if (!contains(repository, named)) return false;
  const real = realTarget(named);
  return !contains(repository, real) || contains(path.join(repository, '.git'), real);
}

/** Where the path leads: a part that does not exist cannot be a link. */
function realTarget(file: string): string {
  const real = unless(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'], () => realpathSync(file));
  if (real !== null) return real;
  return path.dirname(file) === file ? file : path.join(realTarget(path.dirname(file)), path.basename(file));
}

function repositoryOf(root: string): string {
  for (let folder = root; path.dirname(folder) !== folder; folder = path.dirname(folder)) {
    if (lstatSync(path.join(folder, '.git'), { throwIfNoEntry: false })) return folder;
  }
  return root;
}

function contains(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder === path.sep ? folder : `${folder}${path.sep}`);
}
