/**
 * Reads one line of input; null at its end, and when `signal` aborts. readline does not handle the terminal here, because it would
 * intercept keys, Ctrl-C included.
 */
export function readLine(input: NodeJS.ReadStream, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const lines = process.getBuiltinModule('node:readline').createInterface({ input, terminal: false });
    const close = () => lines.close();
    const settle = (answer: string | null) => {
      resolve(answer);
      signal.removeEventListener('abort', close);
      lines.close();
      // An open input would keep the process alive and take keys from other programs.
      input.pause();
      input.unref();
    };
    lines.once('line', settle);
    lines.once('close', () => settle(null));
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  });
}
