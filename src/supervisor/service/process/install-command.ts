/** Finds the command that installs the packages of a service's folder, for a failure that says that one is missing. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Install, installIn, type MissingPackages, missingPackages, wantedFor } from '../../../model/install.ts';

/** For a program that was not found. Empty if no file says how to install the packages that it may come with. */
export function installForProgram(cwd: string, program: string): { readonly install?: Install } {
  return nearest(cwd, wantedFor(program));
}

/** Empty, too, if the output does not say that a package is missing. */
export function installForOutput(cwd: string, lines: readonly string[], exitCode: number | null): { readonly install?: Install } {
  const languages = missingPackages(lines, exitCode);
  return languages.length === 0 ? {} : nearest(cwd, { languages, program: null });
}

function nearest(cwd: string, wanted: MissingPackages): { readonly install?: Install } {
  const folders = foldersUp(resolve(cwd));
  for (const kind of ['lock', 'list'] as const) {
    for (const folder of folders) {
      const install = installIn(folder, kind, wanted, (file) => existsSync(join(folder, file)));
      if (install) return { install };
    }
  }
  return {};
}

/** The folder and those above it, up to the repository's; outside a repository only the folder itself. */
function foldersUp(cwd: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, '.git'))) return folders;
    if (dirname(folder) === folder) return [cwd];
  }
}
