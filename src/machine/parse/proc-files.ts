/** Parsers for small files of the system, mostly in `/proc`. */

/** The arguments in `/proc/PID/cmdline`, each ended by NUL. A process that rewrote its title leaves more NULs at the end. */
export function parseCmdline(text: string): readonly string[] {
  const body = text.replace(/\0+$/, '');
  return body === '' ? [] : body.split('\0');
}

/** The value of a variable in `/proc/PID/environ`; null if it is unset. If there are two, the first wins, as in getenv(3). */
export function parseEnviron(text: string, name: string): string | null {
  const prefix = `${name}=`;
  // A full scan reads all processes, most of which lack the variable; splitting the text takes many times as long as this test.
  if (!text.includes(prefix)) return null;
  const entry = text.split('\0').find((each) => each.startsWith(prefix));
  return entry === undefined ? null : entry.slice(prefix.length);
}

/** The boot time from `btime` in `/proc/stat`, in milliseconds since 1970. */
export function parseBootTimeMs(text: string): number | null {
  const match = /^btime (\d+)$/m.exec(text);
  return match === null ? null : Number(match[1]) * 1000;
}

/** User names by uid from `/etc/passwd`. If a uid has two names, the first counts, as in getpwuid(3). */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name === undefined || uid === undefined || name === '' || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

/** The auxiliary vector (`/proc/self/auxv`) by type: 6 is the page size in bytes, 17 the clock ticks per second. */
export function parseAuxv(bytes: Uint8Array, wordBytes: 4 | 8, littleEndian: boolean): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => (wordBytes === 8 ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian));
  const words = new Map<number, number>();
  for (let at = 0; at + 2 * wordBytes <= bytes.byteLength; at += 2 * wordBytes) words.set(word(at), word(at + wordBytes));
  return words;
}
