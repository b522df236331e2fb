/**
 * TCP sockets from `/proc/net/tcp` and `tcp6`.
 *
 * The kernel prints the listeners first, then walks its hash of all other sockets. The walk is expensive: 5.5 ms a file with 65,536
 * buckets, even for 30 sockets. So the first read covers the expected number of listeners (the kernel counts sockets and connections),
 * later reads a few rows each, and reading ends at the first row that does not listen. Reading cannot end earlier, since the table is
 * hashed by port and address: a second listener on the same port (SO_REUSEPORT, another address) may follow anywhere. If the kernel counts
 * no other sockets, reading ends with the last listener. Measured (Linux 6.18, 2 cores): 10 listeners beside 30 connections 1.2 ms, beside
 * a few connections 3.8 ms, without connections 0.3 ms (9 ms for both files if the whole hash must be walked to see that).
 */
import { closeSync, openSync, read, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { promisify } from 'node:util';
import { errnoOf } from '../../model/errno.ts';
import type { ListenSocket, OtherSocket } from '../machine.ts';
import { parseTcpRow, type TcpRow } from '../parse/proc-net-tcp.ts';
import { keepSpares, withSpare } from '../spare-descriptors.ts';
import { readText } from './read.ts';

const readFrom = promisify(read);

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
/** The number of sockets in each table, without TIME_WAIT: `TCP: inuse 5 orphan 0 …`, `TCP6: inuse 2`. */
const counts = [
  { file: '/proc/net/sockstat', pattern: /^TCP: inuse (\d+)/m },
  { file: '/proc/net/sockstat6', pattern: /^TCP6: inuse (\d+)/m },
];
/** The number of connections in both tables: `Tcp: RtoAlgorithm … CurrEstab …` above a line of numbers. */
const established = { file: '/proc/net/snmp', pattern: /^Tcp: (.*)\nTcp: (.*)$/m, name: 'CurrEstab' };
/** The length of a row of tcp and of both headings; rows of tcp6 are somewhat longer. */
const rowBytes = 150;
/** About one row of tcp6; doubled with every read. The kernel returns at most a page per read. */
const nextReadBytes = 180;
const largestReadBytes = 4096;

export async function listenSockets(ports?: ReadonlySet<number>): Promise<readonly ListenSocket[]> {
  const connected = connections();
  const found = await Promise.all(tables.map((table, index) => listenersOf(table, index, connected, ports)));
  return found.flat();
}

async function listenersOf(
  table: string,
  index: number,
  connected: number,
  ports: ReadonlySet<number> | undefined,
): Promise<readonly ListenSocket[]> {
  const sockets: ListenSocket[] = [];
  const inUse = socketsInUse(index);
  if (inUse === 0) return sockets;
  // The first read covers the expected listeners: each read is a trip to another thread, and one row too many is a walk.
  const expected = inUse === null ? 0 : Math.max(0, inUse - connected);
  let count = 0;
  for await (const rows of rowsOf(table, expected === 0 ? nextReadBytes : rowBytes * (1 + expected))) {
    for (const row of rows) {
      if (row.state !== 'listen') return sockets;
      if (row.inode !== null && ports?.has(row.port) !== false) {
        sockets.push({ port: row.port, address: row.address, uid: row.uid, handle: row.inode, pids: null, queued: row.received });
      }
      // All sockets are listeners, so the hash of the others need not be walked. A socket opened during the read may follow
      // this row, so the count must still be the same.
      if (++count === inUse && socketsInUse(index) === inUse) return sockets;
    }
  }
  return sockets;
}

export function socketCount(): string | null {
  const [four, six] = [socketsInUse(0), socketsInUse(1)];
  return four === null ? null : `${four} ${six}`;
}

/** The kernel's count of the sockets in a table. Null if the kernel does not reveal it. */
function socketsInUse(index: number): number | null {
  const count = counts[index];
  if (!count) return null;
  const match = count.pattern.exec(readText(count.file) ?? '');
  return match ? Number(match[1]) : null;
}

/** The number of connections, or 0 if the kernel does not reveal it. Only an estimate depends on it. */
function connections(): number {
  const match = established.pattern.exec(readText(established.file) ?? '');
  const [names = [], values = []] = match ? [match[1]?.split(' '), match[2]?.split(' ')] : [];
  const value = Number(values[names.indexOf(established.name)]);
  return Number.isSafeInteger(value) ? value : 0;
}

export async function otherSockets(ports: ReadonlySet<number>): Promise<readonly OtherSocket[]> {
  const found = await Promise.all(
    tables.map(async (table) => {
      const sockets: OtherSocket[] = [];
      for await (const rows of rowsOf(table, largestReadBytes)) {
        for (const { port, address, remote, state, uid, inode } of rows.filter((row) => ports.has(row.port))) {
          if (state !== 'listen') sockets.push({ port, address, remote, state, uid: inode === null ? null : uid, handle: inode });
        }
      }
      return sockets;
    }),
  );
  return found.flat();
}

/**
 * Yields the rows of one read at a time, since a promise for each row costs more than the row. The expected bytes are read
 * page by page, synchronously up to the last page: a page takes 0.05 ms, less than the trip to another thread. The last
 * page and all that follows are read on another thread, because the kernel may have to walk its hash.
 */
async function* rowsOf(table: string, expectedBytes: number): AsyncGenerator<readonly TcpRow[]> {
  const file = openTable(table);
  if (file === null) return;
  try {
    const buffer = Buffer.allocUnsafe(largestReadBytes);
    const order = endianness();
    let rest = '';
    for (let leftBytes = expectedBytes, next = nextReadBytes; ; ) {
      const size = Math.min(leftBytes, largestReadBytes);
      const bytesRead = leftBytes > size ? readSync(file, buffer, 0, size, null) : (await readFrom(file, buffer, 0, size, null)).bytesRead;
      if (bytesRead === 0) return;
      leftBytes -= bytesRead;
      if (leftBytes <= 0) [leftBytes, next] = [next, Math.min(2 * next, largestReadBytes)];
      const lines = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      yield lines.map((line) => parseTcpRow(line, order)).filter((row) => row !== null);
    }
  } finally {
    closeSync(file);
    keepSpares();
  }
}

/** Null if the table does not exist, because IPv6 is disabled. */
function openTable(table: string): number | null {
  try {
    return withSpare(() => openSync(table, 'r'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
