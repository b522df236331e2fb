/** This repository's own `orchestrator.config.ts` in a test's project, on its fixed ports or on the test's. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Rig } from './rig.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
/** The files that `npm start` needs. */
const PROGRAM = ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];

export const FIXED_PORTS = { postgres: 5432, backend: 8000, backend2: 8002, frontend: 5000, mcp: 8080 } as const;
export type StackPorts = Readonly<Record<keyof typeof FIXED_PORTS, number>>;

/** A fresh clone, not built yet, on the fixed ports. Packages are linked to this repository's. */
export function cloneOfThis(rig: Rig): void {
  for (const name of PROGRAM) cpSync(join(REPOSITORY, name), join(rig.root, name), { recursive: true });
  copyExample(rig, (config) => config);
}

/** The services on ports of this test. `edit` changes the config's text, as a user would. */
export async function defaultStack(rig: Rig, edit: (config: string) => string = (config) => config): Promise<StackPorts> {
  const ports: Record<string, number> = {};
  for (const name of Object.keys(FIXED_PORTS)) ports[name] = await rig.port();
  copyExample(rig, (config) => {
    const withoutRanges = config.replace(/^ {2}ranges: \{.*?^ {2}\},\n/ms, '');
    const moved = Object.entries(FIXED_PORTS).reduce(
      (text, [name, port]) => replaceOnce(text, `port: ${port},`, `port: ${ports[name]},`),
      withoutRanges,
    );
    return edit(moved);
  });
  return ports as StackPorts;
}

/** An edit that changes nothing fails: the test would not test what its name says. */
export function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`expected one ${JSON.stringify(from)} in\n${text}`);
  return text.replace(from, () => to);
}

function copyExample(rig: Rig, edit: (config: string) => string): void {
  const example = join('examples', 'default');
  const installed = join(REPOSITORY, example, 'node_modules');
  cpSync(join(REPOSITORY, example), join(rig.root, example), { recursive: true, filter: (file) => file !== installed });
  rig.write('orchestrator.config.ts', edit(readFileSync(join(REPOSITORY, 'orchestrator.config.ts'), 'utf8')));
  linkPackages(join(REPOSITORY, 'node_modules'), join(rig.root, 'node_modules'));
  // Root runs PostgreSQL as another account, which must reach its data; otherwise the data would lie outside the test's folder.
  for (const folder of [dirname(rig.root), rig.root]) chmodSync(folder, 0o755);
}

/** A folder of links, not a link to the folder: npm must not install or remove anything in the repository. */
export function linkPackages(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === '.cache' || entry.name.startsWith('.vite')) continue;
    if (entry.isFile()) copyFileSync(source, target);
    else if (entry.isDirectory() && (entry.name.startsWith('@') || entry.name === '.bin')) linkPackages(source, target);
    else symlinkSync(source, target);
  }
}
