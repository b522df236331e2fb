/**
 * `DEVUP_TRACE=<file>`: a trace of the start for chrome://tracing or Perfetto, written when the start has an outcome. A file
 * that cannot be written is reported and does not fail the start.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isErrno } from '../model/errno.ts';
import { Trace } from '../model/trace.ts';
import type { AppContext } from './context.ts';

export interface Tracing {
  /** Null without `DEVUP_TRACE`. */
  readonly trace: Trace | null;
  /** Records the duration of `run`. */
  time<T>(name: string, run: () => Promise<T>): Promise<T>;
  write(): void;
}

/** `onUnwritable` is called with the errno if the file cannot be written. */
export function tracing(context: AppContext, onUnwritable: (file: string, errno: string) => void): Tracing {
  const file = context.env['DEVUP_TRACE'];
  if (!file) return { trace: null, time: (_, run) => run(), write: () => undefined };
  const { clock } = context.machine;
  const trace = new Trace();
  // The clock starts with the process.
  trace.span('', 'load devup', 0, clock.now());
  return {
    trace,
    async time(name, run) {
      const began = clock.now();
      const result = await run();
      trace.span('', name, began, clock.now());
      return result;
    },
    write() {
      try {
        writeFileSync(path.resolve(context.cwd, file), trace.toJson(context.machine.pid, 0));
      } catch (error) {
        if (!isErrno(error, 'EACCES', 'ENOENT', 'EISDIR', 'EROFS', 'ENOSPC')) throw error;
        onUnwritable(file, error.code ?? 'unknown');
      }
    },
  };
}
