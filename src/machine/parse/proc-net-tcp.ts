/**
 * Parses `/proc/net/tcp` and `/proc/net/tcp6`: one socket per row, fields separated by blanks.
 *
 *     sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *      0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 61616 1 …
 *
 * An address is printed as 32-bit words in the byte order of the machine, a port as a plain number. The kernel
 * (tcp_seq_start in net/ipv4/tcp_ipv4.c) prints all listeners before other sockets.
 */

export interface TcpRow {
  readonly address: string;
  readonly port: number;
  /** `address:port`, with brackets around an IPv6 address. */
  readonly remote: string;
  readonly state: 'listen' | 'connected' | 'queued' | 'closing';
  /** Bytes to read; for a listener, the length of its accept queue. */
  readonly received: number;
  readonly uid: number;
  /** Null if no process can hold the socket: TIME_WAIT and requests that are not accepted yet print 0. */
  readonly inode: string | null;
}

export type Endianness = 'LE' | 'BE';

const shape =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) \S+ \S+\s+(\d+)\s+\d+ (\d+)(?:\s|$)/;

/** Null for the heading and for anything that is not a whole row. */
export function parseTcpRow(line: string, endianness: Endianness = 'LE'): TcpRow | null {
  const match = shape.exec(line);
  if (match === null) return null;
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', received = '', uid = '', inode = ''] = match;
  return {
    // A getter, since the address of most sockets in a long table is never used.
    get address() {
      return decodeAddress(local, endianness);
    },
    port: Number.parseInt(localPort, 16),
    get remote() {
      return joinAddress(decodeAddress(remote, endianness), Number.parseInt(remotePort, 16));
    },
    state: stateOf(state, inode),
    received: Number.parseInt(received, 16),
    uid: Number(uid),
    inode: inode === '0' ? null : inode,
  };
}

/**
 * States from include/net/tcp_states.h: 1 ESTABLISHED, 2 SYN_SENT, 3 SYN_RECV, 8 CLOSE_WAIT (the other end has closed it), 10 LISTEN, 12
 * NEW_SYN_RECV; all others are closing. A connection gets its inode when it is accepted, and leaves states 1 and 8 when it is closed.
 */
function stateOf(hex: string, inode: string): TcpRow['state'] {
  if (hex === '0A') return 'listen';
  if (inode === '0' && (hex === '01' || hex === '08')) return 'queued';
  return hex === '01' || hex === '02' || hex === '03' || hex === '0C' ? 'connected' : 'closing';
}

function decodeAddress(hex: string, endianness: Endianness): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness === 'LE') bytes.swap32();
  return bytes.length === 4 ? bytes.join('.') : formatIpv6(bytes);
}

/**
 * The text form of RFC 5952. An IPv4 address mapped into IPv6 (Java binds one for 127.0.0.1) is formatted as the IPv4
 * address, which is what it blocks for other sockets.
 */
export function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return bytes.subarray(12).join('.');
  const [start, length] = longestZeros(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}

export function joinAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
