/** The error that a config threw, and its place in the config. */
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

export interface Thrown {
  readonly message: string;
  /** 1-based; null where the stack does not lead into the config. */
  readonly line: number | null;
  readonly column: number | null;
  readonly stack: string | null;
}

export function describeThrown(error: unknown, file: string): Thrown {
  if (!isError(error)) {
    const message = `it threw ${inspect(error)}`;
    return { message, line: null, column: null, stack: message };
  }
  const { message, stack, name } = error;
  return { message: message === '' ? name : message, ...locateError(stack ?? '', file), stack: stack ?? null };
}

/** Includes errors of another realm. */
export function isError(error: unknown): error is Error {
  return error instanceof Error || Object.prototype.toString.call(error) === '[object Error]';
}

/**
 * The first stack frame inside the config. Compiled code keeps its lines but not its columns, so only code that runs as written
 * has a column.
 */
export function locateError(stack: string, file: string): { readonly line: number | null; readonly column: number | null } {
  const native = `${pathToFileURL(file).href}?`;
  for (const frame of stack.split('\n')) {
    const asWritten = frame.includes(native);
    const name = asWritten ? native : `${file}:`;
    const at = frame.indexOf(name);
    const match = at === -1 ? null : /(\d+):(\d+)\)?$/.exec(frame.slice(at + name.length));
    if (match) return { line: Number(match[1]), column: asWritten ? Number(match[2]) : null };
  }
  return { line: null, column: null };
}
