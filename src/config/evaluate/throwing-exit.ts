/** Makes `process.exit` throw the error that `refuse` returns for the exit code. Returns how to allow it again. */
export function throwOnExit(refuse: (exitCode: number) => Error): () => void {
  const listener = (exitCode: number) => {
    // `process.exit` marks the process as exiting before it emits this event. Unmark it, so that the error thrown here leaves through the
    // call of `process.exit`.
    (process as { _exiting?: boolean })._exiting = false;
    throw refuse(exitCode);
  };
  process.prependListener('exit', listener);
  return () => void process.off('exit', listener);
}
