/**
 * Parses `netstat -ano` of Windows. Some systems translate the state, which may contain blanks, so a listener is recognised
 * by its foreign address, which is empty (port 0).
 *
 *       TCP    0.0.0.0:8000           0.0.0.0:0              LISTENING       4121
 *       TCP    [::1]:5173             [::]:0                 ABHÖREN         5210
 */

export interface NetstatRow {
  readonly address: string;
  readonly port: number;
  /** `address:port`; null for a listener. */
  readonly remote: string | null;
  /** As printed, in the system's language. */
  readonly state: string;
  /** 0 if no process holds the socket (TIME_WAIT). */
  readonly pid: number;
}

const shape = /^\s*TCP\s+(?:\[([0-9a-f:.]+(?:%\w+)?)\]|([0-9.]+)):(\d{1,5})\s+(\S+:\d{1,5})\s+(?:(\S.*?)\s+)?(\d{1,10})\s*$/i;

export function parseNetstat(text: string): readonly NetstatRow[] {
  const rows: NetstatRow[] = [];
  for (const line of text.split('\n')) {
    const match = shape.exec(line);
    if (match === null) continue;
    const [, v6, v4, port, remote = '', state = '', pid] = match;
    if (Number(port) < 1 || Number(port) > 65535) continue;
    const listens = remote === '0.0.0.0:0' || remote === '[::]:0';
    rows.push({ address: v6 ?? v4 ?? '', port: Number(port), remote: listens ? null : remote, state, pid: Number(pid) });
  }
  return rows;
}

/**
 * Parses `netsh int ipv4 show excludedportrange protocol=tcp`: ranges that Hyper-V, WSL or Docker have reserved, where a
 * bind fails with EACCES although the port has no listener. Headings may be translated. A row is the first and the last
 * port, and a star if an administrator added the range.
 */
export function parseExcludedPorts(text: string): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(\d{1,5})\s+(\d{1,5})\s*\*?\s*$/.exec(line);
    const from = Number(match?.[1]);
    const to = Number(match?.[2]);
    if (from >= 1 && from <= to && to <= 65535) spans.push([from, to]);
  }
  return spans;
}
