/** By which names a program may be known. */
import { basename } from 'node:path';
import type { Holder } from '../model/port.ts';

/** Kernel process names are cut (Linux: 15 bytes), so the executable's name and argv[0] are looked at as well. */
export function programNames(holder: Pick<Holder, 'name' | 'executable' | 'argv'>): readonly string[] {
  const candidates = [holder.name, holder.executable && basename(holder.executable), holder.argv[0] && basename(holder.argv[0])];
  return candidates.filter((name): name is string => Boolean(name));
}
