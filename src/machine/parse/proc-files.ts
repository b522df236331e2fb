/** The small files beside `/proc/PID/stat`, and the few facts that we want of each. */

/** `/proc/PID/cmdline`: every argument ends in NUL. A process that rewrote its title leaves a tail of NULs. */
export function parseCmdline(text: string): readonly string[] {
  const body = text.replace(/\0+$/, '');
  return body === '' ? [] : body.split('\0');
}

/** The value of one variable in `/proc/PID/environ`; null when it is not there. The first of two wins, as in getenv(3). */
export function parseEnviron(text: string, name: string): string | null {
  const prefix = `${name}=`;
  // Most do not have it, and a whole look asks all processes: splitting takes many times as long as this.
  if (!text.includes(prefix)) return null;
  const entry = text.split('\0').find((each) => each.startsWith(prefix));
  return entry === undefined ? null : entry.slice(prefix.length);
}

/** `btime` in `/proc/stat`: when the system booted, in milliseconds since 1970. */
export function parseBootTimeMs(text: string): number | null {
  const match = /^btime (\d+)$/m.exec(text);
  return match === null ? null : Number(match[1]) * 1000;
}

/** User names by number from `/etc/passwd`; of two names for one number the first is taken, as by getpwuid(3). */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name === undefined || uid === undefined || name === '' || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

/** Words of the process's auxiliary vector (`/proc/self/auxv`), by type: 6 is the page size, 17 the clock ticks a second. */
export function parseAuxv(bytes: Uint8Array, wordBytes: 4 | 8, littleEndian: boolean): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => (wordBytes === 8 ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian));
  const words = new Map<number, number>();
  for (let at = 0; at + 2 * wordBytes <= bytes.byteLength; at += 2 * wordBytes) words.set(word(at), word(at + wordBytes));
  return words;
}
