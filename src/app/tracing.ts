/**
 * `DEVUP_TRACE=<file>`: where the time of a start goes, for chrome://tracing or Perfetto. Written when the start is
 * decided; a file that cannot be written is reported, and never costs the start.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isErrno } from '../model/errno.ts';
import { Trace } from '../model/trace.ts';
import type { AppContext } from './context.ts';

export interface Tracing {
  /** Null: nobody asked. */
  readonly trace: Trace | null;
  /** Times `run` as a part of the command. */
  time<T>(name: string, run: () => Promise<T>): Promise<T>;
  write(): void;
}

/** `onUnwritable` is told a file that cannot be written, and the errno. */
export function tracing(context: AppContext, onUnwritable: (file: string, errno: string) => void): Tracing {
  const file = context.env['DEVUP_TRACE'];
  if (!file) return { trace: null, time: (_, run) => run(), write: () => undefined };
  const { clock } = context.machine;
  const trace = new Trace();
  // The clock counts from the process's own start.
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
