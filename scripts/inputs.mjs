/**
 * One hash of the contents of everything the bundle is made from; times are useless after a checkout. Built-ins only: this runs
 * before any package is installed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const SOURCES = ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];

export function hashOfSources(root) {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((entry) => filesUnder(join(root, entry)))) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** A file is itself; a folder is all files in it, sorted, so that the order is the same on every system. */
export function filesUnder(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => filesUnder(join(path, entry.name)));
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
}

/** The text of a file, or null when there is none. */
export function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
