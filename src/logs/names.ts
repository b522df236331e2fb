/** Where the log of a service lies in its stack's log folder: `backend.log`, older parts `backend.log.1`, `.2`, … */
import { join } from 'node:path';

/** More parts than this are never kept, however small they are. */
export const MOST_ROTATED = 9;

/** 0 is the part that is being written. */
export function logPath(folder: string, service: string, part: number): string {
  const base = join(folder, `${fileName(service)}.log`);
  return part === 0 ? base : `${base}.${part}`;
}

/** The times of a part: `backend.log.idx`, `backend.log.1.idx`. */
export function indexPath(folder: string, service: string, part: number): string {
  return `${logPath(folder, service, part)}.idx`;
}

/** A service's name as one harmless file name: blanks, slashes and leading dots become `%20`, `%2f`, `%2e`. */
function fileName(service: string): string {
  return service.replace(/[^\w.-]|^\./gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
