/** File names in a stack's log folder: `backend.log`, older parts `backend.log.1`, `.2`, … */
import { join } from 'node:path';

/** The most older parts that are kept, however small they are. */
export const MAX_ROTATED_PARTS = 9;

/** Part 0 is the one being written. */
export function logPath(folder: string, service: string, part: number): string {
  const base = join(folder, `${fileName(service)}.log`);
  return part === 0 ? base : `${base}.${part}`;
}

/** The index of a part: `backend.log.idx`, `backend.log.1.idx`. */
export function indexPath(folder: string, service: string, part: number): string {
  return `${logPath(folder, service, part)}.idx`;
}

/** A service's name as one safe file name: blanks, slashes and leading dots become `%20`, `%2f`, `%2e`. */
function fileName(service: string): string {
  return service.replace(/[^\w.-]|^\./gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
