/**
 * The pipes that carry a service's output. Node's own `'pipe'` is a socketpair, and opening `/dev/stdout` fails on one
 * with ENXIO (nginx, gunicorn and container images log there); a FIFO opens. The names exist only from `mkfifo` to the
 * spawn; one `mkfifo` makes those of a whole wave.
 */
import { closeSync, constants, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isErrno, unless } from '../../model/errno.ts';
import { type Pipe, pipeOfDescriptor } from './pipe.ts';

/** A passing lack of descriptors, processes or memory. */
const EXHAUSTED: readonly string[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];
const NO_PIPE: readonly string[] = ['ENOENT', ...EXHAUSTED];

export interface OutputPipe {
  /** For the child's stdio; closed by `spawned`. */
  readonly writeFd: number;
  readonly reader: Pipe;
}

export class FifoPool {
  readonly #folder: string;
  readonly #names: string[] = [];
  #count = 0;
  #making: Promise<void> | null = null;
  #unavailable = false;
  #closed = false;

  /** `folder` must be private to us; it is made when needed and removed by `close`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes sure that `pairs` services can be given their pipes without another process. */
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
        // Without mkfifo (Windows, a bare container), or in a folder that takes none (some mounted ones), services get
        // Node's socketpairs; also for now when there is no descriptor or process for it.
        if (!(error instanceof Error && 'code' in error)) throw error;
        this.#unavailable = !isErrno(error, ...EXHAUSTED);
      })
      .finally(() => {
        this.#making = null;
      });
    await this.#making;
  }

  /** One pipe, its name gone already; null where FIFOs do not exist. Call `fill` before. */
  take(): OutputPipe | null {
    const name = this.#names.pop();
    if (name === undefined) return null;
    const readFd = unless(NO_PIPE, () => openSync(name, constants.O_RDONLY | constants.O_NONBLOCK));
    const writeFd = readFd === null ? null : unless(NO_PIPE, () => openSync(name, constants.O_WRONLY));
    if (readFd === null || writeFd === null) {
      if (readFd !== null) closeSync(readFd);
      // Somebody cleaned up the folder (its other names are gone as well), or there are no descriptors left.
      rmSync(name, { force: true });
      this.#names.length = 0;
      return null;
    }
    unlinkSync(name);
    return { writeFd, reader: pipeOfDescriptor(readFd) };
  }

  /** What is being made meanwhile goes with the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#making;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function closeWriteEnd(pipe: OutputPipe | null): void {
  if (pipe) closeSync(pipe.writeFd);
}
