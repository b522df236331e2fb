/** Foreign processes that use a port. */
import { join } from 'node:path';
import { Running, type SpawnOptions } from './running.ts';
import { python } from './terminal.ts';

export interface SquatWish {
  /**
   * `listen`; `bind` without listening; `udp`; `prefork`: one socket shared with `count` children; `reuseport`: `count`
   * processes with a socket each; `daemon`: double-forked, its first process gone; `client` connected to the port; `outgoing`:
   * the port is the local end of a connection to `to`; `time-wait`: no process, but the system remembers a connection.
   */
  readonly how: 'listen' | 'bind' | 'udp' | 'prefork' | 'reuseport' | 'daemon' | 'client' | 'outgoing' | 'time-wait';
  readonly port: number;
  /** Default `0.0.0.0`. */
  readonly host?: string;
  /** With `::`, the socket also takes IPv4. */
  readonly dual?: boolean;
  readonly count?: number;
  readonly to?: number;
  readonly ignore?: readonly NodeJS.Signals[];
  /** The name of the process, in the kernel and in its argv. */
  readonly name?: string;
  /** The user that runs it (another user needs root). */
  readonly uid?: number;
}

export interface Squatter {
  readonly process: Running;
  /** The processes that hold the port. */
  readonly pids: readonly number[];
}

/** Resolves when the port is held. */
export async function squat(wish: SquatWish, options: SpawnOptions): Promise<Squatter> {
  const process = new Running(python(), [join(import.meta.dirname, 'squat.py'), JSON.stringify(wish)], {
    ...options,
    ...(wish.name === undefined ? {} : { argv0: wish.name }),
    ...(wish.uid === undefined ? {} : { uid: wish.uid }),
  });
  const [line] = await process.waitForOutput(/^.*\n/, 'stdout');
  return { process, pids: (JSON.parse(line) as { pids: number[] }).pids };
}
