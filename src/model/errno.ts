/** The names that Node gives to failed system calls: an expected error is a value, any other is rethrown. */

/** The errno name of a failed system call. Anything else is not an expected failure, and is rethrown. */
export function errnoOf(error: unknown): string {
  const code = codeOf(error);
  if (code === null) throw error;
  return code;
}

/** The code of an error; null for an error without one. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
}

export function isErrno(error: unknown, ...codes: readonly string[]): error is SystemError {
  const code = codeOf(error);
  return code !== null && codes.includes(code);
}

/** The result of `read`, or null if it fails with one of the expected errnos; any other error is rethrown. */
export function unless<T>(expected: readonly string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, ...expected)) return null;
    throw error;
  }
}

/** Errnos for a process that ended while it was read: its folder in /proc is gone, or empty. */
export const ended: readonly string[] = ['ENOENT', 'ESRCH'];
/** Errnos for a process that has ended or may not be read. */
export const unreadable: readonly string[] = [...ended, 'EACCES', 'EPERM'];
