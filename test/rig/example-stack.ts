/**
 * A stack of `examples/` in a test's project, as in an installed clone: its files, and those that it shares with the default
 * stack.
 */
import { chmodSync, cpSync, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { linkPackages } from './default-stack.ts';
import type { Rig } from './rig.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
/** Left behind by a stack that ran in the repository; a test begins without it. */
const MADE_BY_RUNNING = new Set(['node_modules', '.devup', '.venv', '__pycache__']);

/** Returns the folder of its config. */
export function copyExample(rig: Rig, name: string): string {
  for (const example of ['default', name]) {
    const filter = (file: string) => !MADE_BY_RUNNING.has(basename(file));
    cpSync(join(REPOSITORY, 'examples', example), join(rig.root, 'examples', example), { recursive: true, filter });
  }
  if (!existsSync(join(rig.root, 'node_modules'))) linkPackages(join(REPOSITORY, 'node_modules'), join(rig.root, 'node_modules'));
  // Root runs PostgreSQL as another account, which must reach its data; otherwise the data would lie outside the test's folder.
  for (const folder of [dirname(rig.root), rig.root]) chmodSync(folder, 0o755);
  return join(rig.root, 'examples', name);
}

/** The only variables a package manager gets: a rig's environment has no others, and it must reach its registry. */
export function networkSettings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PIP_\w+|(https?|no|all)_proxy|SSL_CERT_FILE)$/i.test(name)));
}
