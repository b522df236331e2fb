/** execa, loaded with the first command that is run to its end; without a free descriptor (EMFILE) there is none today. */
export async function loadExeca(): Promise<typeof import('execa') | string> {
  try {
    return await import('execa');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    return String(error.code);
  }
}
