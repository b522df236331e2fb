/** The names by which a program may be known. */
import { basename } from 'node:path';
import type { Holder } from '../model/port.ts';

/** The kernel cuts the names of processes (Linux: 15 bytes), so the executable's name and argv[0] count, too. */
export function programNames(holder: Pick<Holder, 'name' | 'executable' | 'argv'>): readonly string[] {
  const candidates = [holder.name, holder.executable && basename(holder.executable), holder.argv[0] && basename(holder.argv[0])];
  return candidates.filter((name): name is string => Boolean(name));
}
