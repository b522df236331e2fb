/**
 * Parses the field output of lsof, `-F0pufdtnT`: every field is a letter and a value, ended by NUL; every process set and
 * file set ends with a newline. Process names are not requested: lsof 4.95 does not print a process whose name contains a
 * newline.
 *
 *     p5210␀u501␀⏎
 *     f21␀tIPv4␀d0x5b1f␀n127.0.0.1:8000␀TST=LISTEN␀⏎
 */

export interface LsofSocket {
  readonly pid: number;
  readonly uid: number | null;
  readonly descriptor: string;
  /** Identifies the socket, the same for all processes that share it; null if lsof does not reveal it. */
  readonly device: string | null;
  readonly address: string;
  readonly port: number;
  /** `address:port`; null for a socket that is not connected. */
  readonly remote: string | null;
  /** `LISTEN`, `ESTABLISHED`, …; '' if lsof does not reveal it. */
  readonly state: string;
}

export function parseLsof(text: string): readonly LsofSocket[] {
  const sockets: LsofSocket[] = [];
  let pid: number | null = null;
  let uid: number | null = null;
  for (const set of text.split('\n')) {
    const fields = fieldsOf(set);
    if (fields.has('p')) {
      pid = wholeNumber(fields.get('p'));
      uid = wholeNumber(fields.get('u'));
    }
    const name = fields.get('n');
    const ends = name === undefined ? null : parseName(name, fields.get('t') === 'IPv6');
    if (pid === null || ends === null) continue;
    sockets.push({ pid, uid, descriptor: fields.get('f') ?? '', device: fields.get('d') ?? null, ...ends, state: fields.get('TST') ?? '' });
  }
  return sockets;
}

/** The working directory in the output of `lsof -a -d cwd -p PID -F0n`. lsof escapes unprintable characters: `\x0a`. */
export function parseLsofCwd(text: string): string | null {
  for (const set of text.split('\n')) {
    const fields = fieldsOf(set);
    const path = fields.get('n');
    if (fields.get('f') === 'cwd' && path?.startsWith('/')) return path;
  }
  return null;
}

function fieldsOf(set: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of set.split('\0')) {
    // TCP information comes as several T fields: TST=LISTEN, TQR=0, …
    const key = field.startsWith('TST=') ? 'TST' : field.slice(0, 1);
    if (field !== '') fields.set(key, field.slice(key === 'TST' ? 4 : 1));
  }
  return fields;
}

/** Parses `*:8000`, `127.0.0.1:8000` or `[::1]:8000`, each with `->` and the remote address if connected. */
function parseName(name: string, v6: boolean): { readonly address: string; readonly port: number; readonly remote: string | null } | null {
  const [local = '', remote] = name.split('->');
  const match = /^(?:\*|\[([0-9a-f:.]+(?:%\w+)?)\]|([0-9.]+)):(\d{1,5})$/i.exec(local);
  if (match === null) return null;
  const port = Number(match[3]);
  if (port < 1 || port > 65535) return null;
  return { address: match[1] ?? match[2] ?? (v6 ? '::' : '0.0.0.0'), port, remote: remote ?? null };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}
