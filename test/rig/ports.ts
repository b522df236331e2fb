/**
 * Ports for tests. They lie outside the range of outgoing connections, which would hold a test's port now and then. Each is
 * reserved by a file (`pid run`), so that parallel workers and runs never share one, and `npm test` finds those that were never
 * given back.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const LOWEST = 20_000;
const BLOCK = 500;
const BLOCKS = 25;
const ADDRESSES = ['127.0.0.1', '::1', '0.0.0.0', '::'];
const reservations = join(tmpdir(), `devup-test-ports-${userInfo().uid}`);

const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
let next = LOWEST + ((worker + process.pid) % BLOCKS) * BLOCK;

/** A free port that no other test gets until `releasePort`. With `among`, one of these (for ports that must look alike). */
export async function reservePort(among?: readonly number[]): Promise<number> {
  // Two passes: the first removes reservations of killed runs, the second reserves.
  for (const port of among ? [...among, ...among] : everyPort()) {
    if (!reserve(port)) continue;
    // A fixed port has no replacement, even right after another test used it; its service listens.
    if ((await isFree(port)) && (among?.length === 1 || !isInUse(port))) return port;
    releasePort(port);
  }
  throw new Error(among ? `none of the ports ${among.join(', ')} is free` : 'no port is free');
}

export function releasePort(port: number): void {
  rmSync(join(reservations, String(port)), { force: true });
}

/** True when every address of the port can be bound exclusively. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ADDRESSES) if (!(await canBind(port, host))) return false;
  return true;
}

/**
 * Linux: some socket still has it as its local end, in TIME_WAIT for example. A listener may take such a port, a socket that is
 * only bound may not.
 */
function isInUse(port: number): boolean {
  const row = new RegExp(`^ *\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, '0')} `, 'm');
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((table) => existsSync(table) && row.test(readFileSync(table, 'utf8')));
}

/** Each once, starting where the last search ended: a port that was just used still has closing connections. */
function* everyPort(): Generator<number> {
  for (let tried = 0; tried < BLOCK * BLOCKS; tried++) {
    const port = next;
    next = next + 1 < LOWEST + BLOCK * BLOCKS ? next + 1 : LOWEST;
    yield port;
  }
}

function reserve(port: number): boolean {
  mkdirSync(reservations, { recursive: true });
  const file = join(reservations, String(port));
  try {
    writeFileSync(file, `${process.pid} ${process.env['DEVUP_TEST_RUN'] ?? ''}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (ownerLives(file)) return false;
    // A killed run left it. The next search gets it: taking it right here could take it from another process that just did.
    rmSync(file, { force: true });
    return false;
  }
}

function ownerLives(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8').split(' ')[0]) || process.pid, 0);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'ENOENT') return false;
    if (code === 'EPERM') return true;
    throw error;
  }
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no such address to bind.
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(true);
      else if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true, ipv6Only: host.includes(':') }, () => server.close(() => resolve(true)));
  });
}
