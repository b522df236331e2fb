/** The names of a program. */
import { basename } from 'node:path';
import type { Holder } from '../model/port.ts';

/** The process's name, the executable's name, and argv[0]. The first alone is not enough, because the kernel cuts it (Linux: 15 bytes). */
export function programNames(holder: Pick<Holder, 'name' | 'executable' | 'argv'>): readonly string[] {
  const candidates = [holder.name, holder.executable && basename(holder.executable), holder.argv[0] && basename(holder.argv[0])];
  return candidates.filter((name): name is string => Boolean(name));
}
