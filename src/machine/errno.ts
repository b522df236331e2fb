/** The errno name of a failed system call; anything else that was thrown is not an expected failure and is thrown on. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}

/** What `read` gives, or null when it fails with one of the expected errnos; any other failure is thrown on. */
export function unless<T>(expected: readonly string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (expected.includes(errnoOf(error))) return null;
    throw error;
  }
}

/** A process that ended while it was looked at: its folder in /proc is gone, or empty. */
export const ended: readonly string[] = ['ENOENT', 'ESRCH'];
/** As `ended`, or not ours to read. */
export const unreadable: readonly string[] = [...ended, 'EACCES', 'EPERM'];
