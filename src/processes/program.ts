/** The names of a program. */
import { basename } from 'node:path';
import type { Holder } from '../model/port.ts';

/** The process's name, the executable's name, and argv[0]. The first alone is not enough, because the kernel cuts it (Linux: 15 bytes). */
export function programNames(holder: Pick<Holder, 'name' | 'executable' | 'argv'>): readonly string[] {
  const candidates = [holder.name, holder.executable && basename(holder.executable), holder.argv[0] && basename(holder.argv[0])];
  return candidates.filter((name): name is string => Boolean(name));
}

const INTERPRETER = /^(python[\d.]*|pypy[\d.]*|node|nodejs|bun|deno|ruby|perl|guile|bash|sh)(\.exe)?$/i;

/** The script or module that an interpreter runs: `python3 /usr/bin/jupyter-lab`, `python3 -m jupyterlab`. Null for any other program. */
export function interpretedName({ argv: [program = '', ...rest] }: Pick<Holder, 'argv'>): string | null {
  if (!INTERPRETER.test(basename(program))) return null;
  for (const [index, word] of rest.entries()) {
    if (word === '-m') return rest[index + 1] ?? null;
    if (word === '-c' || word === '-e') return null;
    if (!word.startsWith('-')) return word.includes('/') ? basename(word) : null;
  }
  return null;
}
