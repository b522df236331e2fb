/** Loads execa when a command first needs it. Loading fails without a free descriptor (EMFILE). */
export async function loadExeca(): Promise<typeof import('execa') | string> {
  try {
    return await import('execa');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    return String(error.code);
  }
}
