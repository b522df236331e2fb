/**
 * FIFOs that carry a service's output. Node's own `'pipe'` is a socketpair, on which opening `/dev/stdout` fails with
 * ENXIO; nginx, gunicorn and container images open it to log. One run of `mkfifo` makes the FIFOs of a whole wave. Their
 * names are removed at the spawn.
 */
import { closeSync, constants, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isErrno, unless } from '../../model/errno.ts';
import { type Pipe, pipeOfDescriptor } from './pipe.ts';

/** A temporary lack of descriptors, processes or memory. */
const EXHAUSTED: readonly string[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];
const NO_PIPE: readonly string[] = ['ENOENT', ...EXHAUSTED];

export interface OutputPipe {
  /** The end for the child's stdio; to be closed with `closeWriteEnd` after the spawn. */
  readonly writeFd: number;
  /** As the system names the open file. */
  readonly name: string;
  readonly reader: Pipe;
}

export class FifoPool {
  readonly #folder: string;
  readonly #names: string[] = [];
  #count = 0;
  #making: Promise<void> | null = null;
  #unavailable = false;
  #closed = false;

  /** Only this process may use `folder`, which is created when needed and removed by `close`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes FIFOs for `pairs` services in advance, so that `take` needs no process. */
  async fill(pairs: number): Promise<void> {
    if (this.#making) await this.#making;
    const missing = pairs * 2 - this.#names.length;
    if (missing <= 0 || this.#unavailable || this.#closed) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const names = Array.from({ length: missing }, () => join(this.#folder, `${process.pid}-${this.#count++}`));
    const run = promisify(process.getBuiltinModule('node:child_process').execFile);
    this.#making = run('mkfifo', ['-m', '600', ...names])
      .then(() => {
        this.#names.push(...names);
      })
      .catch((error: unknown) => {
        // Without `mkfifo` (Windows, a minimal container), or if the folder cannot hold FIFOs (some mounts), services get Node's
        // socketpairs. After a temporary lack of resources, the next call tries again.
        if (!(error instanceof Error && 'code' in error)) throw error;
        this.#unavailable = !isErrno(error, ...EXHAUSTED);
      })
      .finally(() => {
        this.#making = null;
      });
    await this.#making;
  }

  /** One open FIFO, whose name is already removed. Null if none is prepared, so call `fill` first. */
  take(): OutputPipe | null {
    const name = this.#names.pop();
    if (name === undefined) return null;
    const readFd = unless(NO_PIPE, () => openSync(name, constants.O_RDONLY | constants.O_NONBLOCK));
    const writeFd = readFd === null ? null : unless(NO_PIPE, () => openSync(name, constants.O_WRONLY));
    if (readFd === null || writeFd === null) {
      if (readFd !== null) closeSync(readFd);
      // Either the folder was deleted, with all other FIFOs in it, or no descriptor is free.
      rmSync(name, { force: true });
      this.#names.length = 0;
      return null;
    }
    unlinkSync(name);
    return { writeFd, name, reader: pipeOfDescriptor(readFd) };
  }

  /** Also removes FIFOs that `fill` is making. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#making;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function closeWriteEnd(pipe: OutputPipe | null): void {
  if (pipe) closeSync(pipe.writeFd);
}
