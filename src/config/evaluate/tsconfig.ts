/**
 * Finds the tsconfig.json whose `paths` hold for the imports of a config. It decides which files run, so it counts only where the config
 * does: within the repository, not from a folder in which every user can write, and not from another user.
 */
import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { unless, unreadable } from '../../model/errno.ts';
import { LARGEST_CONFIG_BYTES, regularFileRefusal } from '../find/regular-file.ts';

/** The nearest one from the config's folder upward; null: there is none that counts. `config`: a real path. */
export function tsconfigFor(config: string): string | null {
  const owner = ownerOf(config);
  for (let folder = path.dirname(config); ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'tsconfig.json');
    const refusal = regularFileRefusal(file, LARGEST_CONFIG_BYTES);
    if (refusal === null) return [owner, process.geteuid?.(), 0, undefined].includes(ownerOf(file)) ? file : null;
    if (refusal.why !== 'missing' || exists(path.join(folder, '.git'))) return null;
    const above = path.dirname(folder);
    if (above === folder || isOpenToAll(above)) return null;
  }
}

/** Undefined where files have no owners. */
function ownerOf(file: string): number | undefined {
  return process.geteuid ? unless(unreadable, () => lstatSync(file))?.uid : undefined;
}

function exists(file: string): boolean {
  return unless(unreadable, () => lstatSync(file)) !== null;
}

function isOpenToAll(folder: string): boolean {
  const stat = process.geteuid ? unless(unreadable, () => statSync(folder)) : null;
  return stat !== null && (stat.mode & 0o002) !== 0;
}
