/** The names that Node gives to failed system calls: an expected one is a value, anything else is thrown on. */

/** The errno name of a failed system call; anything else that was thrown is not an expected failure and is thrown on. */
export function errnoOf(error: unknown): string {
  const code = codeOf(error);
  if (code === null) throw error;
  return code;
}

/** As `errnoOf`, or null for an error without a code. */
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

/** The result of `read`, or null when it fails with one of the expected errnos; any other failure is thrown on. */
export function unless<T>(expected: readonly string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, ...expected)) return null;
    throw error;
  }
}

/** A process that ended while it was looked at: its folder in /proc is gone, or empty. */
export const ended: readonly string[] = ['ENOENT', 'ESRCH'];
/** As `ended`, or not ours to read. */
export const unreadable: readonly string[] = [...ended, 'EACCES', 'EPERM'];
